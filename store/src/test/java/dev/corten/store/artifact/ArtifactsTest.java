package dev.corten.store.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Conflict;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import dev.corten.store.content.Content;
import dev.corten.store.image.StoreCheck;
import dev.corten.store.image.StoreFinding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactsTest {
    private static final Reference NAME = Reference.parse("quay.io/x/y:1");
    private static final Reference OTHER = Reference.parse("other:1");

    @TempDir Path dir;

    private Store store;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            Directories.deleteTree(parent, "root");
        }
    }

    private void reopen() throws IOException {
        store.close();
        open();
    }

    private static Content.Ingest written(Store store, byte[] bytes) throws IOException {
        Content.Ingest ingest = store.content().ingest();
        ingest.out().write(bytes);
        ingest.verify(Digest.of(bytes));
        return ingest;
    }

    private static Artifact put(
            Store store, Reference name, Optional<Artifact> before, String... contents)
            throws IOException {
        var files = new ArrayList<Descriptor>();
        var ingests = new ArrayList<Content.Ingest>();
        try {
            for (String content : contents) {
                byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
                ingests.add(written(store, bytes));
                files.add(
                        new Descriptor(
                                "text/plain",
                                Digest.of(bytes),
                                bytes.length,
                                Optional.empty(),
                                Map.of(ArtifactText.TITLE, content),
                                List.of(),
                                ""));
            }
            ingests.add(written(store, ArtifactText.empty()));
            byte[] manifest = ArtifactText.create("", files, Map.of());
            try (var _ = store.content().publish(ingests)) {
                return store.artifacts().put(name, before, MediaTypes.OCI_MANIFEST, manifest);
            }
        } finally {
            for (Content.Ingest ingest : ingests) {
                ingest.close();
            }
        }
    }

    private Artifact put(Reference name, String... contents) throws IOException {
        return put(store, name, Optional.empty(), contents);
    }

    @Test
    void staysOverAnOpening() throws IOException {
        Artifact artifact = put(NAME, "a", "b");
        reopen();
        assertThat(store.artifacts().list()).containsExactly(artifact);
        assertThat(store.content().list()).hasSize(4);
        assertThat(store.artifacts().manifest(artifact).artifactType())
                .isEqualTo(ArtifactText.UNKNOWN_TYPE);
        for (String text :
                List.of(
                        "quay.io/x/y:1",
                        artifact.digest().toString(),
                        artifact.digest().hex(),
                        artifact.digest().shortHex(),
                        "quay.io/x/y@" + artifact.digest())) {
            assertThat(store.artifacts().get(text)).isEqualTo(artifact);
        }
        for (String text : List.of("quay.io/x/y", "quay.io/x/z:1", "ABC", "", "x@y", "../z")) {
            assertThatThrownBy(() -> store.artifacts().get(text))
                    .isInstanceOf(NotFound.class)
                    .hasMessage(text + ": artifact does not exist");
        }
    }

    @Test
    void goesWithItsLastName() throws IOException {
        Artifact artifact = put(NAME, "a", "b");
        put(OTHER, "b", "c");
        assertThat(store.artifacts().remove("quay.io/x/y:1")).containsExactly(artifact);
        assertThat(store.content().list())
                .containsExactlyInAnyOrderElementsOf(store.artifacts().blobs())
                .hasSize(4);
        Reference second = Reference.parse("second:1");
        put(second, "b", "c");
        Digest both = store.artifacts().get("second:1").digest();
        assertThat(store.artifacts().remove(both.hex())).hasSize(2);
        assertThat(store.content().list()).isEmpty();
        assertThat(store.artifacts().removeAll()).isEmpty();
    }

    @Test
    void whoComesLateDoesNotUndoWhatOthersDid() throws IOException {
        Artifact first = put(NAME, "a");
        assertThatThrownBy(() -> put(NAME, "b")).isInstanceOf(Conflict.class);
        Artifact second = put(store, NAME, Optional.of(first), "b");
        assertThatThrownBy(() -> put(store, NAME, Optional.of(first), "c"))
                .isInstanceOf(Conflict.class)
                .hasMessageContaining("changed by somebody else");
        assertThat(store.artifacts().get("quay.io/x/y:1")).isEqualTo(second);
        reopen();
        assertThat(store.content().list()).hasSize(3);
    }

    @Test
    void nothingIsCollectedWhileNobodyKnowsWhatIsNeeded() throws IOException {
        put(NAME, "a");
        List<Digest> before = store.content().list();
        Files.writeString(store.layout().artifacts(), "{\"format\":1,");
        reopen();
        assertThat(store.content().list()).containsExactlyInAnyOrderElementsOf(before);
        assertThatThrownBy(() -> store.artifacts().list())
                .isInstanceOf(Internal.class)
                .hasMessageStartingWith("the list of artifacts is damaged: ");
        assertThatThrownBy(() -> put(NAME, "b")).isInstanceOf(Internal.class);
        assertThat(check(StoreCheck.Mode.REPAIR))
                .allMatch(finding -> finding.subject().equals("artifacts.json"))
                .hasSize(1);
        assertThat(store.content().list()).containsAll(before);
    }

    private List<StoreFinding> check(StoreCheck.Mode mode) throws IOException {
        var findings = new ArrayList<StoreFinding>();
        new StoreCheck(store, mode, StoreCheck.BlobSource.NONE, _ -> false, findings::add).run();
        return findings;
    }

    @Test
    void checksFindDamageAndKeepWhatIsWhole() throws IOException {
        Artifact artifact = put(NAME, "a", "b");
        assertThat(check(StoreCheck.Mode.REPAIR)).isEmpty();
        Digest file = Digest.of("a".getBytes(StandardCharsets.UTF_8));
        Files.writeString(store.layout().blob(file), "x");
        assertThat(check(StoreCheck.Mode.REPAIR))
                .containsExactly(
                        new StoreFinding(
                                StoreFinding.Kind.BLOB,
                                file.toString(),
                                "is damaged",
                                StoreFinding.Outcome.LEFT));
        Files.delete(store.layout().blob(artifact.digest()));
        assertThat(check(StoreCheck.Mode.LOOK))
                .anyMatch(finding ->
                        finding.subject().equals(artifact.digest().toString())
                                && finding.problem().equals("is missing"));
    }

    @Test
    void titlesAreNamesOfFiles() {
        for (String good : List.of("a", "a b", "..a", "a\\b", "ä".repeat(127))) {
            assertThat(ArtifactText.checkedTitle(good)).isEqualTo(good);
        }
        for (String bad :
                List.of("", ".", "..", "a/b", "/", "../a", "a\0b", "a\nb", "ä".repeat(128))) {
            assertThatThrownBy(() -> ArtifactText.checkedTitle(bad))
                    .isInstanceOf(InvalidParameter.class)
                    .hasMessageStartingWith("invalid name: \"");
        }
    }

    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void aCrashAtAnyStepLeavesTheOldOrTheNew() throws IOException {
        Artifact first = put(NAME, "a");
        Path root = dir.resolve("root");
        boolean done = false;
        int at = 0;
        for (; !done; at++) {
            store.close();
            int last = at;
            int[] steps = {0};
            var durable =
                    new Durable(_ -> {
                        if (steps[0]++ >= last) {
                            throw new Crash();
                        }
                    });
            try (var dying = Store.open(root, durable, Clock.systemUTC())) {
                put(dying, NAME, Optional.of(first), "b", "c");
                done = true;
            } catch (Crash expected) {
                // the point of it
            }
            open();
            Artifact now = store.artifacts().get("quay.io/x/y:1");
            assertThat(now.equals(first) && done).as("step " + at).isFalse();
            assertThat(store.content().list())
                    .as("step " + at)
                    .containsExactlyInAnyOrderElementsOf(store.artifacts().blobs());
            if (!now.equals(first)) {
                assertThat(put(store, NAME, Optional.of(now), "a")).isEqualTo(first);
            }
        }
        assertThat(at).isGreaterThan(5);
    }
}
