package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.TarReader;
import dev.corten.archive.TarWriter;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.Durable;
import dev.corten.store.ImageFixture;
import dev.corten.store.Store;
import dev.corten.store.image.ImageSave.Saved;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSaveTest {
    private static final byte[] BASE =
            ImageFixture.layer().directory("etc", 0755).file("etc/a", "a").build();
    private static final byte[] TOP = ImageFixture.layer().file("b", "b").whiteout("etc/a").build();

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
            dev.corten.kernel.file.Directories.deleteTree(parent, "root");
            dev.corten.kernel.file.Directories.deleteTree(parent, "other");
        }
    }

    private byte[] save(Saved... images) throws IOException {
        var out = new ByteArrayOutputStream();
        new ImageSave(store.images(), store.layers(), store.layerArchive())
                .write(List.of(images), out);
        return out.toByteArray();
    }

    private static Map<String, byte[]> members(byte[] archive) throws IOException {
        var members = new LinkedHashMap<String, byte[]>();
        var tar = new TarReader(new ByteArrayInputStream(archive), TarReader.End.MARKED);
        for (var entry = tar.next(); entry.isPresent(); entry = tar.next()) {
            members.put(entry.get().name().toString(), tar.data().readAllBytes());
        }
        return members;
    }

    private static String text(Map<String, byte[]> members, String name) {
        return new String(
                Optional.ofNullable(members.get(name)).orElseThrow(), StandardCharsets.UTF_8);
    }

    @Test
    void severalImagesShareWhatTheyHaveInCommonAndComeBack() throws Exception {
        byte[] archive =
                ImageFixture.archive("a:1", ImageFixture.gzip(BASE))
                        .image("b:1", ImageFixture.gzip(BASE), TOP)
                        .build();
        List<Image> images = store.images().load(new ByteArrayInputStream(archive), _ -> {});
        Image one = images.get(0);
        Image two = images.get(1);
        byte[] saved =
                save(
                        new Saved(one, List.of(Reference.parse("a:1"))),
                        new Saved(
                                two,
                                List.of(Reference.parse("b:1"), Reference.parse("x.org/c:2"))));
        Map<String, byte[]> members = members(saved);
        for (var member : members.entrySet()) {
            if (member.getKey().matches("blobs/sha256/.+")) {
                assertThat(member.getKey()).endsWith(Digest.of(member.getValue()).hex());
            }
        }
        assertThat(members.get("blobs/sha256/" + Digest.of(BASE).hex())).isEqualTo(BASE);
        assertThat(members.get("blobs/sha256/" + Digest.of(TOP).hex())).isEqualTo(TOP);
        assertThat(members.keySet().stream().filter(name -> !name.startsWith("blobs")))
                .containsExactly("index.json", "manifest.json", "oci-layout", "repositories");
        assertThat(text(members, "oci-layout")).isEqualTo("{\"imageLayoutVersion\": \"1.0.0\"}");
        assertThat(text(members, "repositories"))
                .isEqualTo(
                        "{\"a\":{\"1\":\"%s\"},\"b\":{\"1\":\"%s\"},\"x.org/c\":{\"2\":\"%s\"}}\n"
                                .formatted(
                                        Digest.of(BASE).hex(),
                                        Digest.of(TOP).hex(),
                                        Digest.of(TOP).hex()));
        assertThat(text(members, "manifest.json"))
                .startsWith(
                        "[{\"Config\":\"blobs/sha256/%s\",\"RepoTags\":[\"a:1\"],\"Layers\":[\"blobs/sha256/%s\"],\"LayerSources\":{\"%s\":{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"size\":%d,\"digest\":\"%s\"}}},{"
                                .formatted(
                                        one.id().hex(),
                                        Digest.of(BASE).hex(),
                                        Digest.of(BASE),
                                        BASE.length,
                                        Digest.of(BASE)));
        assertThat(text(members, "index.json"))
                .contains("\"io.containerd.image.name\":\"x.org/c:2\"");

        try (var other = Store.open(dir.resolve("other"), new Durable(), Clock.systemUTC())) {
            List<Image> loaded = other.images().load(new ByteArrayInputStream(saved), _ -> {});
            assertThat(loaded).extracting(Image::id).containsExactly(one.id(), two.id());
            assertThat(loaded.get(1).repoTags()).hasSize(2);
            // The index alone says the same.
            members.remove("manifest.json");
            members.remove("repositories");
            other.images().remove("a:1", Images.Force.NO, Images.Parents.PRUNE, ImageUse.NONE);
            assertThat(other.images().load(new ByteArrayInputStream(tar(members)), _ -> {}))
                    .extracting(Image::id)
                    .contains(one.id());
        }
    }

    private static byte[] tar(Map<String, byte[]> members) throws IOException {
        var bytes = new ByteArrayOutputStream();
        var tar = new TarWriter(bytes);
        for (var member : members.entrySet()) {
            tar.add(
                    member.getKey().endsWith("/")
                            ? dev.corten.archive.TarEntry.directory(member.getKey(), 0755)
                            : dev.corten.archive.TarEntry.file(
                                    member.getKey(), 0644, member.getValue().length),
                    member.getValue());
        }
        tar.finish();
        return bytes.toByteArray();
    }

    /// Docker 28.5's own documents of this image.
    @Test
    void writesTheDocumentsThatDockerWrites() {
        byte[] config =
                ("{\"architecture\": \"amd64\", \"config\": {\"Cmd\": [\"sh\"], \"Env\":"
                                + " [\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"]},"
                                + " \"created\": \"2023-11-14T22:13:20Z\", \"history\": [{\"created\":"
                                + " \"2023-11-14T22:13:20Z\", \"created_by\": \"layer 0\"}], \"os\":"
                                + " \"linux\", \"rootfs\": {\"diff_ids\":"
                                + " [\"sha256:f99486ed69d71e3ee6e32afc6e4398e5924a72e280bf98f4f2fec33c7e4804fd\"],"
                                + " \"type\": \"layers\"}}")
                        .getBytes(StandardCharsets.UTF_8);
        assertThat(Digest.of(config).hex()).startsWith("62542feca6f6");
        var document = ImageDocument.parse("config", config);
        assertThat(new LegacyConfigs(document.diffIds(), "linux", config).documents().keySet())
                .extracting(Digest::shortHex)
                .containsExactly("ded6f6434ab4");
        var two =
                List.of(
                        document.diffIds().getFirst(),
                        new Digest(
                                "12cc68666856a96c2491a39628c4da8641886bcf8e5e02ce9016911778998093"));
        assertThat(new LegacyConfigs(two, "linux", config).documents().keySet())
                .extracting(Digest::shortHex)
                .startsWith("62f368531126");
    }

    // --- commit

    @Test
    void commitsALayerOnThoseOfTheImage() throws Exception {
        Image base =
                store.images()
                        .load(
                                new ByteArrayInputStream(ImageFixture.archive("a:1", BASE).build()),
                                _ -> {})
                        .getFirst();
        var config = ImageConfig.EMPTY.edit();
        config.cmd = List.of("x");
        var request =
                new Images.CommitRequest(
                        base,
                        config.done(),
                        "sh -c x",
                        "me",
                        "why",
                        Optional.of(Reference.parse("b:1")));
        Image image = store.images().commit(new ByteArrayInputStream(TOP), request);
        assertThat(image.diffIds()).containsExactly(Digest.of(BASE), Digest.of(TOP));
        assertThat(image.parent()).contains(base.id());
        assertThat(image.author()).isEqualTo("me");
        assertThat(image.dockerVersion()).isEqualTo("28.5.2");
        assertThat(image.comment()).isEqualTo("why");
        assertThat(image.history().getLast().createdBy()).isEqualTo("sh -c x");
        assertThat(image.history().getLast().emptyLayer()).isFalse();
        assertThat(image.repoTags()).containsExactly(Reference.parse("b:1"));
        Image same = store.images().commit(new ByteArrayInputStream(new byte[1024]), request);
        assertThat(same.diffIds()).containsExactly(Digest.of(BASE));
        assertThat(same.history().getLast().emptyLayer()).isTrue();
        assertThatThrownBy(() ->
                        store.images().commit(new ByteArrayInputStream(new byte[10]), request))
                .hasMessageContaining("cut short");
        store.close();
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
        assertThat(store.images().get("b:1").parent()).contains(base.id());
    }
}
