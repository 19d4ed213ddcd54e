package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.Compression;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.Store;
import dev.corten.store.image.ImageConversion.Selection;
import dev.corten.store.image.ImageConversion.Words;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class ImageConversionTest {
    private static final byte[] BASE = ImageFixture.layer().file("etc/a", "a".repeat(5000)).build();
    private static final byte[] TOP = ImageFixture.layer().file("etc/b", "b".repeat(5000)).build();
    private static final Reference SOURCE = Reference.parse("a:1");
    private static final Reference TARGET = Reference.parse("b:1");

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

    private static Image load(Store store) throws Exception {
        byte[] saved = ImageFixture.archive("a:1", BASE, TOP).build();
        return store.images().load(new ByteArrayInputStream(saved), _ -> {}).getFirst();
    }

    private static LayerForm form(Compression compression) {
        return new LayerForm.Packed(compression, OptionalInt.empty());
    }

    private static Descriptor convert(Store store, String source, LayerForm form)
            throws IOException {
        try (var conversion = new ImageConversion(store, form, Words.KEEP)) {
            return conversion.convert(source, TARGET, new Selection.Usual());
        }
    }

    private record Sent(Descriptor target, List<Descriptor> layers) {}

    private static Sent sent(Store store, Reference name) throws IOException {
        var outgoing =
                new OutgoingImages(
                        store.images(), store.content(), store.layers(), store.layerArchive());
        try (OutgoingImage image = outgoing.of(name, Optional.empty())) {
            var layers = new ArrayList<Descriptor>();
            for (OutgoingImage.Part part : image.layers()) {
                layers.add(part.descriptor());
            }
            return new Sent(image.target().descriptor(), layers);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            mode = Mode.INCLUDE,
            names = {"GZIP", "ZSTD", "NONE"})
    void theSameImageInAnotherForm(Compression compression) throws Exception {
        Image image = load(store);
        Descriptor made = convert(store, "a:1", form(compression));
        reopen();
        assertThat(store.images().get("b:1").id()).isEqualTo(image.id());
        Sent sent = sent(store, TARGET);
        assertThat(sent.target()).isEqualTo(made);
        assertThat(sent.layers()).hasSize(2);
        for (int i = 0; i < 2; i++) {
            Descriptor layer = sent.layers().get(i);
            try (InputStream raw = store.content().read(layer.digest())) {
                byte[] bytes = raw.readAllBytes();
                assertThat(Compression.detect(bytes, bytes.length)).isEqualTo(compression);
                assertThat(
                                Digest.of(
                                        Compression.open(new ByteArrayInputStream(bytes))
                                                .readAllBytes()))
                        .isEqualTo(image.diffIds().get(i));
            }
        }
        assertThat(convert(store, "a:1", form(compression))).isEqualTo(made);
        assertThat(convert(store, image.id().toString(), form(compression))).isEqualTo(made);
    }

    @Test
    void whatTheSourceStandsForStays() throws Exception {
        load(store);
        Sent before = sent(store, SOURCE);
        Descriptor made = convert(store, "a:1", form(Compression.ZSTD));
        assertThat(made.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
        assertThat(sent(store, TARGET).layers())
                .allMatch(layer -> layer.mediaType().equals(MediaTypes.OCI_LAYER_ZSTD));
        assertThat(sent(store, SOURCE)).isEqualTo(before);
        // A name by the image's ID does not mean one form of it.
        store.images().tag(store.images().get("a:1").id().toString(), Reference.parse("c:1"));
        assertThat(sent(store, Reference.parse("c:1"))).isEqualTo(before);
        store.images().tag("b:1", Reference.parse("d:1"));
        assertThat(sent(store, Reference.parse("d:1")).target()).isEqualTo(made);
    }

    @Test
    void goesWithItsLastName() throws Exception {
        load(store);
        List<Digest> before = store.content().list();
        convert(store, "a:1", form(Compression.ZSTD));
        assertThat(store.content().list()).hasSize(before.size() + 3);
        store.images().tag("b:1", Reference.parse("c:1"));
        remove("b:1");
        reopen();
        assertThat(store.content().list()).hasSize(before.size() + 3);
        remove("c:1");
        assertThat(store.content().list()).containsExactlyInAnyOrderElementsOf(before);
    }

    private void remove(String name) throws IOException {
        store.images().remove(name, Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
    }

    @Test
    void aConvertedImageIsConvertedAgain() throws Exception {
        load(store);
        Descriptor zstd = convert(store, "a:1", form(Compression.ZSTD));
        try (var again = new ImageConversion(store, form(Compression.GZIP), Words.KEEP)) {
            again.convert("b:1", Reference.parse("c:1"), new Selection.All());
        }
        assertThat(sent(store, Reference.parse("c:1")).layers())
                .allMatch(layer -> layer.mediaType().equals(MediaTypes.OCI_LAYER_GZIP));
        assertThat(sent(store, TARGET).target()).isEqualTo(zstd);
    }

    @Test
    void levelsDiffer() throws Exception {
        load(store);
        Descriptor usual = convert(store, "a:1", form(Compression.ZSTD));
        var strong = new LayerForm.Packed(Compression.ZSTD, OptionalInt.of(19));
        assertThat(convert(store, "a:1", strong)).isNotEqualTo(usual);
        assertThat(convert(store, "a:1", new LayerForm.Packed(Compression.ZSTD, OptionalInt.of(3))))
                .isEqualTo(usual);
        var small = new LayerForm.Packed(Compression.GZIP, OptionalInt.of(9));
        assertThat(convert(store, "a:1", small))
                .isEqualTo(convert(store, "a:1", small))
                .isNotEqualTo(convert(store, "a:1", form(Compression.GZIP)));
        assertThatThrownBy(() -> new LayerForm.Packed(Compression.ZSTD, OptionalInt.of(20)))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid compression level 20: must be 1 to 19");
        assertThatThrownBy(() -> new LayerForm.Packed(Compression.XZ, OptionalInt.empty()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("layers cannot be compressed with xz");
        assertThatThrownBy(() -> convert(store, "none", strong)).isInstanceOf(NotFound.class);
    }

    @Test
    void onlyTheMediaTypes() throws Exception {
        load(store);
        Sent before = sent(store, SOURCE);
        assertThat(before.target().mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
        Descriptor made = convert(store, "a:1", new LayerForm.AsItIs());
        assertThat(made.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
        assertThat(sent(store, TARGET).layers().stream().map(Descriptor::digest).toList())
                .isEqualTo(before.layers().stream().map(Descriptor::digest).toList());
    }

    @Test
    void damageOfWhatWasMadeIsTold() throws Exception {
        load(store);
        convert(store, "a:1", form(Compression.ZSTD));
        Digest layer = sent(store, TARGET).layers().getFirst().digest();
        java.nio.file.Files.write(store.layout().blob(layer), new byte[] {1});
        var findings = new ArrayList<StoreFinding>();
        new StoreCheck(
                        store,
                        StoreCheck.Mode.REPAIR,
                        StoreCheck.BlobSource.NONE,
                        _ -> false,
                        findings::add)
                .run();
        assertThat(findings)
                .containsExactly(
                        new StoreFinding(
                                StoreFinding.Kind.BLOB,
                                layer.toString(),
                                "is damaged",
                                StoreFinding.Outcome.LEFT));
        // Who converts once more has it again.
        convert(store, "a:1", form(Compression.ZSTD));
        findings.clear();
        new StoreCheck(
                        store,
                        StoreCheck.Mode.LOOK,
                        StoreCheck.BlobSource.NONE,
                        _ -> false,
                        findings::add)
                .run();
        assertThat(findings).isEmpty();
    }

    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void aCrashAtAnyStepLeavesAllOrNothing() throws Exception {
        load(store);
        List<Digest> before = store.content().list();
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
            try (var dying = Store.open(dir.resolve("root"), durable, Clock.systemUTC())) {
                convert(dying, "a:1", form(Compression.ZSTD));
                done = true;
            } catch (Crash expected) {
                // the point of it
            }
            open();
            boolean named = store.images().find("b:1").isPresent();
            assertThat(named || !done).isTrue();
            assertThat(store.content().list())
                    .as("step " + at)
                    .hasSize(before.size() + (named ? 3 : 0));
            if (named) {
                assertThat(sent(store, TARGET).layers())
                        .allMatch(layer -> store.content().contains(layer.digest()));
                remove("b:1");
            }
        }
        assertThat(at).isGreaterThan(5);
    }
}
