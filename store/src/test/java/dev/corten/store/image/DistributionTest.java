package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import dev.corten.store.image.Distribution.Note;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistributionTest {
    private static final Digest DIFF = digest("diff");
    private static final Digest BLOB = digest("blob");
    private static final Digest ZSTD = digest("zstd");

    @TempDir Path dir;
    private Store store;

    /// Steps that reached the disk, and the one that shall fail, if any.
    private final List<String> steps = new ArrayList<>();

    private String failing = "never";

    @BeforeEach
    void open() throws IOException {
        store = Store.open(dir.resolve("root"), new Durable(this::step), Clock.systemUTC());
    }

    private synchronized void step(String step) throws IOException {
        if (step.startsWith(failing)) {
            throw new IOException("no more after this: " + step);
        }
        steps.add(step);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            dev.corten.kernel.file.Directories.deleteTree(parent, "root");
        }
    }

    private void reopen() throws IOException {
        store.close();
        open();
    }

    private static Digest digest(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private Distribution hints() {
        return store.images().distribution();
    }

    private Path file(String kind, Digest digest) {
        return dir.resolve("root/image/overlay2/distribution/" + kind + "/sha256/" + digest.hex());
    }

    /// To the byte as Docker 28.5 writes them.
    @Test
    void filesAreDockers() throws Exception {
        hints().note(List.of(new Note(DIFF, BLOB, "docker.io/library/web", "")));
        hints().note(List.of(new Note(DIFF, BLOB, "localhost:5000/a/b", "abcd")));
        hints().note(List.of(new Note(DIFF, BLOB, "docker.io/library/web", "")));
        reopen();
        assertThat(file("diffid-by-digest", BLOB)).hasContent(DIFF.toString());
        assertThat(file("v2metadata-by-diffid", DIFF))
                .hasContent(
                        "[{\"Digest\":\"%s\",\"SourceRepository\":\"localhost:5000/a/b\",\"HMAC\":\"abcd\"},{\"Digest\":\"%s\",\"SourceRepository\":\"docker.io/library/web\",\"HMAC\":\"\"}]"
                                .formatted(BLOB, BLOB));
    }

    @Test
    void whatWasSeenLastIsTriedFirstAndOnlyInTheSameRegistry() throws Exception {
        hints().note(
                        List.of(
                                new Note(DIFF, BLOB, "localhost:5000/old", ""),
                                new Note(DIFF, ZSTD, "localhost:5000/other", ""),
                                new Note(DIFF, BLOB, "docker.io/library/web", "")));
        reopen();
        hints().note(List.of(new Note(DIFF, BLOB, "localhost:5000/new", "")));
        // One is on disk, one in memory as yet.
        assertThat(hints().repositories(BLOB, "localhost:5000"))
                .containsExactly(
                        Reference.parse("localhost:5000/new"),
                        Reference.parse("localhost:5000/old"));
        assertThat(hints().repositories(ZSTD, "localhost:5000"))
                .containsExactly(Reference.parse("localhost:5000/other"));
        assertThat(hints().repositories(digest("unknown"), "localhost:5000")).isEmpty();
    }

    @Test
    void damagedFilesAreAsIfTheyWereNotThere() throws Exception {
        hints().note(List.of(new Note(DIFF, BLOB, "localhost:5000/a", "")));
        reopen();
        Files.write(file("v2metadata-by-diffid", DIFF), new byte[0]);
        assertThat(hints().repositories(BLOB, "localhost:5000")).isEmpty();
        hints().note(List.of(new Note(DIFF, BLOB, "localhost:5000/a", "")));
        reopen();
        assertThat(hints().repositories(BLOB, "localhost:5000")).hasSize(1);
        Files.writeString(file("diffid-by-digest", BLOB), "sha256:12");
        assertThat(hints().repositories(BLOB, "localhost:5000")).isEmpty();
    }

    /// A name appears only after its content is on disk, and a crash leaves nothing behind.
    @Test
    void noFileIsSeenInPart() throws Exception {
        steps.clear();
        hints().note(List.of(new Note(DIFF, BLOB, "localhost:5000/a", "")));
        store.close();
        assertThat(steps).startsWith("sync file system of root", "rename " + BLOB.hex());
        failing = "rename " + DIFF.hex();
        open();
        hints().note(List.of(new Note(DIFF, BLOB, "localhost:5000/b", "")));
        store.close();
        failing = "never";
        open();
        assertThat(hints().repositories(BLOB, "localhost:5000"))
                .containsExactly(Reference.parse("localhost:5000/a"));
        assertThat(dir.resolve("root/tmp")).isEmptyDirectory();
    }

    @Test
    void theOldestAreForgotten() throws Exception {
        hints().note(
                        IntStream.range(0, 60)
                                .mapToObj(i -> new Note(DIFF, BLOB, "localhost:5000/r" + i, ""))
                                .toList());
        reopen();
        assertThat(hints().repositories(BLOB, "localhost:5000"))
                .hasSize(50)
                .startsWith(Reference.parse("localhost:5000/r59"));
    }
}
