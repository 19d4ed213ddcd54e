package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Builds on images that are only in a directory of the client, an OCI image layout.
@ExtendWith(BuildEngine.class)
class BuildLayoutTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String REF_NAME = "org.opencontainers.image.ref.name";

    private BuildFolder build;

    @BeforeEach
    void folder(Engine engine) {
        build = BuildFolder.of(engine, "corten");
    }

    @AfterEach
    void remove() {
        build.close();
    }

    /// A layout with an image that prints a word: a layer on that of busybox.
    private Path layout(String word) {
        build.file("Base", "FROM busybox\nRUN echo " + word + " >/word\nENV WORD=" + word + "\n");
        build.build("-f", "Base", "-o", "type=oci,tar=false,dest=" + word).ok();
        return build.path(word);
    }

    private static ArrayNode index(Path layout) throws IOException {
        return (ArrayNode) JSON.readTree(layout.resolve("index.json").toFile()).path("manifests");
    }

    /// Two images in one layout, by their words.
    private Path both() throws IOException {
        Path one = layout("one");
        Path two = layout("two");
        ObjectNode index = (ObjectNode) JSON.readTree(one.resolve("index.json").toFile());
        ArrayNode all = index.withArray("manifests");
        all.add(index(two).get(0));
        for (int i = 0; i < 2; i++) {
            ((ObjectNode) all.get(i))
                    .withObject("annotations")
                    .put(REF_NAME, i == 0 ? "one" : "two");
        }
        Files.writeString(one.resolve("index.json"), index.toString());
        try (Stream<Path> blobs = Files.list(two.resolve("blobs/sha256"))) {
            for (Path blob : blobs.toList()) {
                Files.copy(
                        blob,
                        one.resolve("blobs/sha256").resolve(blob.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return one;
    }

    private Finished on(String reference) {
        return build.build("-t", "made", "--build-context", "base=oci-layout://" + reference);
    }

    private static List<Path> layers(Path layout) throws IOException {
        String manifest = index(layout).get(0).path("digest").asString().substring(7);
        JsonNode layers =
                JSON.readTree(layout.resolve("blobs/sha256/" + manifest).toFile()).path("layers");
        return layers.valueStream()
                .map(layer -> layer.path("digest").asString().substring(7))
                .map(hex -> layout.resolve("blobs/sha256/" + hex))
                .toList();
    }

    private String made(Engine engine, String... command) {
        var words = new java.util.ArrayList<>(List.of("run", "--rm", "made"));
        words.addAll(List.of(command));
        return engine.docker().ok(words.toArray(String[]::new));
    }

    @Test
    @Shows("BLD-22")
    void fromAndCopyTakeTheImageThatIsNamed(Engine engine) throws IOException {
        Path layout = both();
        engine.docker().ok("builder", "prune", "-af");
        String before = engine.docker().ok("images", "-aq");
        build.dockerfile("FROM base", "RUN cp /word /again; echo $WORD >>/again");
        on(layout + ":one").ok();
        assertThat(made(engine, "cat", "/again")).isEqualTo("one\none");
        on(layout + ":two").ok();
        assertThat(made(engine, "cat", "/again")).isEqualTo("two\ntwo");
        on(layout + ":two@" + index(layout).get(0).path("digest").asString()).ok();
        assertThat(made(engine, "cat", "/again")).isEqualTo("one\none");
        build.dockerfile("FROM busybox", "COPY --from=base /word /again");
        on(layout + ":two").ok();
        assertThat(made(engine, "cat", "/again")).isEqualTo("two");
        // What was built on is no image here.
        Stream.of("made").forEach(name -> engine.docker().ok("rmi", "-f", name));
        engine.docker().ok("image", "prune", "-f");
        assertThat(engine.docker().ok("images", "-aq")).isEqualTo(before);
        assertThat(on(layout.toString()).status()).isEqualTo(1);
        build.refused("the OCI image layout has no image named latest");
        assertThat(on(build.path("nowhere").toString()).status()).isEqualTo(1);
        build.refused("could not be resolved: could not read");
    }

    @Test
    @Shows("BLD-22")
    void onlyWhatTheDaemonLacksIsAskedFor(Engine engine) throws IOException {
        Path layout = layout("three");
        engine.docker().ok("builder", "prune", "-af");
        // The layer of busybox is in the store: nobody reads it here.
        Files.delete(layers(layout).getFirst());
        build.dockerfile("FROM base", "COPY Base /Base");
        on(layout.toString()).ok();
        assertThat(made(engine, "cat", "/word")).isEqualTo("three");
        // A name in the Dockerfile of an image that nothing needs.
        build.dockerfile("FROM base AS unused", "FROM busybox", "COPY Base /Base");
        build.build("--build-context", "base=oci-layout://" + layout).ok();
        assertThat(build.said()).doesNotContain("OCI load");
    }

    @Test
    @Shows("BLD-22")
    void whatIsDamagedIsFound(Engine engine) throws IOException {
        Path layout = layout("four");
        engine.docker().ok("builder", "prune", "-af");
        Path layer = layers(layout).getLast();
        byte[] bytes = Files.readAllBytes(layer);
        build.dockerfile("FROM base", "RUN true");
        bytes[bytes.length / 2] ^= 1;
        Files.write(layer, bytes);
        assertThat(on(layout.toString()).status()).isEqualTo(1);
        build.refused(layer.getFileName().toString());
        Files.delete(layer);
        assertThat(on(layout.toString()).status()).isEqualTo(1);
        build.refused("no such file or directory", layer.getFileName().toString());
        Path manifest =
                layout.resolve("blobs/sha256")
                        .resolve(index(layout).get(0).path("digest").asString().substring(7));
        Files.writeString(manifest, Files.readString(manifest) + " ");
        assertThat(on(layout.toString()).status()).isEqualTo(1);
        build.refused("has another digest than its name");
        // A link must not lead to other files of the client.
        Files.delete(manifest);
        Files.createSymbolicLink(manifest, Path.of("/etc/hostname"));
        assertThat(on(layout.toString()).status()).isEqualTo(1);
        assertThat(build.said()).doesNotContain("another digest");
        try (Stream<Path> left = Files.list(engine.dataRoot().resolve("tmp"))) {
            assertThat(left).isEmpty();
        }
    }
}
