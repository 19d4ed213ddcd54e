package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Images in the form of the OCI image specification: what `load` takes, under which IDs, and what
/// it refuses. Registries, the other half of the row, come later.
@Shows("API-14")
@ExtendWith(PrivateEngine.class)
class OciImageTest {
    private static final String HOST = Image.architecture();
    private static final String OTHER = HOST.equals("amd64") ? "arm64" : "amd64";
    private static final byte[] BASE = Image.busyboxLayer();

    /// A new file, one that is gone, and a directory that is new altogether.
    private static final byte[] TOP =
            new Tar()
                    .file("etc/new", "new\n")
                    .file("etc/.wh.plain", "")
                    .directory("home", 0755)
                    .file("home/.wh..wh..opq", "")
                    .file("home/only", "x")
                    .bytes();

    private static final String CONFIG =
            "\"Cmd\":[\"cat\",\"/etc/new\"],\"Env\":[\"PATH=/bin\",\"A=b c\"],\"User\":\"web\","
                    + "\"WorkingDir\":\"/tmp\",\"ExposedPorts\":{\"80/tcp\":{}},"
                    + "\"Labels\":{\"color\":\"red\"},\"StopSignal\":\"SIGUSR1\","
                    + "\"Volumes\":{\"/data\":{}}";

    private static String annotated(String descriptor, String key, String value) {
        return descriptor + ",\"annotations\":{\"" + key + "\":\"" + value + "\"}}";
    }

    private static String on(String descriptor, String architecture) {
        return descriptor
                + ",\"platform\":{\"os\":\"linux\",\"architecture\":\""
                + architecture
                + "\"}}";
    }

    private static Finished load(Engine engine, OciLayout layout) throws IOException {
        Path file = engine.scratch("oci.tar");
        Files.write(file, layout.archive());
        return engine.docker().run("load", "-i", file.toString());
    }

    @Test
    void anImageIsWhatItsConfigurationAndLayersSay(Engine engine, Client docker)
            throws IOException {
        var layout = new OciLayout();
        String config = OciLayout.configuration(HOST, CONFIG, BASE, TOP);
        layout.add(
                annotated(
                        layout.manifest(config, layout.layers(BASE, TOP)),
                        "io.containerd.image.name",
                        "docker.io/library/oci:1"));
        assertThat(load(engine, layout).ok()).isEqualTo("Loaded image: oci:1");
        assertThat(docker.ok("inspect", "-f", "{{.Id}}", "oci:1"))
                .isEqualTo("sha256:" + Image.sha256(config.getBytes(UTF_8)));
        assertThat(
                        docker.ok(
                                "inspect",
                                "-f",
                                "{{range .RootFS.Layers}}{{println .}}{{end}}",
                                "oci:1"))
                .isEqualTo("sha256:%s%nsha256:%s".formatted(Image.sha256(BASE), Image.sha256(TOP)));
        assertThat(
                        docker.ok(
                                "inspect",
                                "-f",
                                "{{.Os}} {{.Architecture}} {{.Author}} {{.Created}} {{.Config.User}}"
                                        + " {{.Config.WorkingDir}} {{json .Config.Env}}"
                                        + " {{.Config.StopSignal}} {{.Config.Labels.color}}"
                                        + " {{json .Config.ExposedPorts}} {{json .Config.Volumes}}",
                                "oci:1"))
                .isEqualTo(
                        "linux "
                                + HOST
                                + " somebody 2026-02-03T04:05:06Z web /tmp"
                                + " [\"PATH=/bin\",\"A=b c\"] SIGUSR1 red {\"80/tcp\":{}}"
                                + " {\"/data\":{}}");
        assertThat(docker.ok("run", "--rm", "oci:1")).isEqualTo("new");
        assertThat(docker.run("run", "--rm", "oci:1", "ls", "/etc/plain", "/home").lines())
                .containsExactly("/home:", "only");
        docker.ok("rmi", "oci:1");
    }

    /// Index, index of platforms, manifest: the host's is taken, attestations are not.
    @Test
    void theHostsPlatformIsChosenInANestedIndex(Engine engine, Client docker) throws IOException {
        var layout = new OciLayout();
        String ours = OciLayout.configuration(HOST, CONFIG, BASE, TOP);
        String theirs = OciLayout.configuration(OTHER, CONFIG, BASE);
        List<String> layers = layout.layers(BASE, TOP);
        String platforms =
                layout.indexOf(
                        List.of(
                                on(layout.manifest(theirs, layers.subList(0, 1)), OTHER),
                                on(layout.manifest(ours, layers), HOST),
                                layout.document("manifest.v1+json", "{\"attests\":1}")
                                        + ",\"platform\":{\"os\":\"unknown\","
                                        + "\"architecture\":\"unknown\"}}"));
        layout.add(
                annotated(platforms, "org.opencontainers.image.ref.name", "example.org/a/oci:2"));
        assertThat(load(engine, layout).ok()).isEqualTo("Loaded image: example.org/a/oci:2");
        assertThat(docker.ok("inspect", "-f", "{{.Id}}", "example.org/a/oci:2"))
                .isEqualTo("sha256:" + Image.sha256(ours.getBytes(UTF_8)));
        docker.ok("rmi", "example.org/a/oci:2");
    }

    @Test
    void severalImagesAndOneWithoutANameComeTogether(Engine engine, Client docker)
            throws IOException {
        var layout = new OciLayout();
        String one = OciLayout.configuration(HOST, "\"Cmd\":[\"one\"]", BASE, TOP);
        String two = OciLayout.configuration(HOST, "\"Cmd\":[\"two\"]", BASE, TOP);
        List<String> layers = layout.layers(BASE, TOP);
        layout.add(
                annotated(
                        layout.manifest(one, layers),
                        "io.containerd.image.name",
                        "docker.io/library/one:1"));
        // A reference name that is only a tag names no repository.
        layout.add(
                annotated(layout.manifest(two, layers), "org.opencontainers.image.ref.name", "1"));
        String id = "sha256:" + Image.sha256(two.getBytes(UTF_8));
        assertThat(load(engine, layout).ok().lines())
                .containsExactly("Loaded image: one:1", "Loaded image ID: " + id);
        docker.ok("rmi", "one:1", id);
    }

    /// What can be wrong with a layout, and what is said of it.
    enum Flaw {
        LAYER_IS_MISSING("is missing", parts -> parts.layout.leaveOut(parts.layer)),
        LAYER_IS_ANOTHER(
                "its digest is", parts -> parts.layout.falsify(parts.layer, OciLayout.gzip(TOP))),
        LAYER_IS_CUT_OFF(
                "is damaged",
                parts ->
                        parts.layout.falsify(
                                parts.layer,
                                java.util.Arrays.copyOf(OciLayout.gzip(BASE), 10_000))),
        CONFIG_IS_MISSING("is missing", parts -> parts.layout.leaveOut(parts.config)),
        CONFIG_IS_ANOTHER(
                "is damaged",
                parts ->
                        parts.layout.falsify(
                                parts.config,
                                OciLayout.configuration(HOST, "", BASE, TOP).getBytes(UTF_8))),
        MANIFEST_IS_MISSING("is missing", parts -> parts.layout.leaveOut(parts.manifest)),
        MANIFEST_IS_ANOTHER(
                "is damaged",
                parts -> parts.layout.falsify(parts.manifest, "{\"layers\":[]}".getBytes(UTF_8)));

        private final String words;
        private final Consumer<Parts> flaw;

        Flaw(String words, Consumer<Parts> flaw) {
            this.words = words;
            this.flaw = flaw;
        }
    }

    private record Parts(OciLayout layout, String config, String layer, String manifest) {}

    @ParameterizedTest
    @EnumSource(Flaw.class)
    void aDamagedLayoutIsRefusedAndLeavesNothing(Flaw flaw, Engine engine) throws IOException {
        var layout = new OciLayout();
        String config = OciLayout.configuration(HOST, CONFIG, BASE, TOP);
        String manifest = layout.manifest(config, layout.layers(BASE, TOP));
        layout.add(annotated(manifest, "io.containerd.image.name", "docker.io/library/oci:3"));
        flaw.flaw.accept(
                new Parts(
                        layout,
                        "sha256:" + Image.sha256(config.getBytes(UTF_8)),
                        "sha256:" + Image.sha256(OciLayout.gzip(BASE)),
                        manifest.replaceFirst(".*\"digest\":\"([^\"]+)\".*", "$1")));
        refused(engine, layout, flaw.words);
    }

    @Test
    void layersThatTheConfigurationDoesNotSpeakOfAreRefused(Engine engine) throws IOException {
        var layout = new OciLayout();
        String swapped = OciLayout.configuration(HOST, "", TOP, BASE);
        layout.add(layout.manifest(swapped, layout.layers(BASE, TOP)) + "}");
        refused(engine, layout, "its diff ID is");
        layout = new OciLayout();
        String fewer = OciLayout.configuration(HOST, "", BASE);
        layout.add(layout.manifest(fewer, layout.layers(BASE, TOP)) + "}");
        refused(engine, layout, "describes 1 layers, the archive lists 2");
    }

    @Test
    void anIndexWithoutAFittingImageIsLoadedToo(Engine engine) throws IOException {
        var layout = new OciLayout();
        String theirs = OciLayout.configuration(OTHER, CONFIG, BASE, TOP);
        String manifest = layout.manifest(theirs, layout.layers(BASE, TOP));
        layout.add(layout.indexOf(List.of(on(manifest, OTHER))) + "}");
        String loaded = load(engine, layout).ok();
        assertThat(loaded).startsWith("Loaded image ID: sha256:");
        String id = loaded.substring(loaded.indexOf("sha256:")).strip();
        assertThat(engine.docker().ok("image", "inspect", id, "--format", "{{.Architecture}}"))
                .isEqualTo(OTHER);
        engine.docker().ok("rmi", id);
    }

    @Test
    void indexesWithoutEndAreRefused(Engine engine) throws IOException {
        var layout = new OciLayout();
        String deep = layout.indexOf(new ArrayList<>());
        for (int i = 0; i < 10; i++) {
            deep = layout.indexOf(List.of(deep + "}"));
        }
        layout.add(deep + "}");
        refused(engine, layout, "index in an index");
    }

    /// Not ignored, and not taken for a tar archive.
    @Test
    void damagedZstdIsCalledThat(Engine engine) throws IOException {
        var layout = new OciLayout();
        byte[] zstd = new byte[100];
        System.arraycopy(new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD}, 0, zstd, 0, 4);
        layout.add(
                layout.manifest(
                                OciLayout.configuration(HOST, "", BASE),
                                List.of(layout.descriptor("layer.v1.tar+zstd", zstd) + "}"))
                        + "}");
        refused(engine, layout, "damaged zstd data");
    }

    /// A digest is a file's name in the layout: it must be one.
    @Test
    void digestsOfOtherFormsAreRefused(Engine engine) throws IOException {
        for (String digest :
                List.of("sha256:../../index.json", "sha512:" + "0".repeat(128), "sha256:abc", "")) {
            var layout = new OciLayout();
            layout.add(
                    "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"size\":2,"
                            + "\"digest\":\""
                            + digest
                            + "\"}");
            refused(engine, layout, "digest");
        }
    }

    private static void refused(Engine engine, OciLayout layout, String words) throws IOException {
        List<String> before = engine.docker().ok("images", "-aq").lines().toList();
        Finished refused = load(engine, layout);
        assertThat(refused.status()).as(refused.toString()).isEqualTo(1);
        assertThat(refused.err()).contains(words);
        assertThat(engine.docker().ok("images", "-aq").lines()).containsExactlyElementsOf(before);
    }
}
