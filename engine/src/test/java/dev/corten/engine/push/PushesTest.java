package dev.corten.engine.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.engine.event.Events;
import dev.corten.engine.pull.PullLimits;
import dev.corten.engine.pull.PullRequest;
import dev.corten.engine.pull.Pulls;
import dev.corten.engine.pull.RegistrySource;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.MediaTypes;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.Proxies;
import dev.corten.registry.client.RegistryClient;
import dev.corten.registry.client.RegistrySettings;
import dev.corten.registry.client.RemoteManifest;
import dev.corten.registry.client.Repository;
import dev.corten.registry.server.RegistryServer;
import dev.corten.registry.server.settings.ServerSettings;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.Images.ImportRequest;
import dev.corten.store.image.OutgoingImages;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Pushes to a registry of our own, in this process.
@Timeout(60)
final class PushesTest {
    @TempDir Path dir;

    private Store store;
    private RegistryServer server;
    private RegistryClient client;
    private Pushes pushes;
    private Pulls pulls;
    private String host;

    @BeforeEach
    void open() throws Exception {
        server =
                new RegistryServer(
                        ServerSettings.read(
                                Optional.empty(),
                                Map.of(
                                        "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY",
                                        dir.resolve("registry").toString(),
                                        "REGISTRY_LOG_ACCESSLOG_DISABLED",
                                        "true",
                                        "REGISTRY_HTTP_ADDR",
                                        "127.0.0.1:0")));
        server.open();
        host = "127.0.0.1:" + server.address().getPort();
        store = Store.open(dir.resolve("root"), new Durable(), Clock.systemUTC());
        client =
                new RegistryClient(() ->
                        new RegistrySettings(
                                List.of(), List.of(), List.of(), Proxies.NONE, "test/1"));
        var events = new Events(Clock.systemUTC());
        pushes =
                new Pushes(
                        store.images(),
                        new OutgoingImages(
                                store.images(),
                                store.content(),
                                store.layers(),
                                store.layerArchive()),
                        client,
                        () -> 2,
                        events);
        pulls =
                new Pulls(
                        store.images(),
                        RegistrySource.of(client),
                        () -> new PullLimits(3, 2, 1 << 20),
                        events,
                        dir.resolve("nothing"));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
        store.close();
        try (Fd parent = FileCalls.openDirectory(dir.toString())) {
            Directories.deleteTree(parent, "root");
        }
    }

    private Reference name(String rest) {
        return Reference.parse(host + "/" + rest);
    }

    private Repository repository(String path) {
        return client.push(name(path), RegistryCredentials.NONE);
    }

    private List<String> push(String rest, Optional<String> platform)
            throws IOException, InterruptedException {
        var said = new ArrayList<String>();
        pushes.push(
                new PushRequest(
                        name(rest), platform.map(Platform::parse), RegistryCredentials.NONE),
                message -> {
                    switch (message) {
                        case PushMessage.Note(String text) -> said.add(text);
                        case PushMessage.Step(String id, String text) -> said.add(id + ": " + text);
                        case PushMessage.Progress _ -> {}
                        case PushMessage.Pushed(String tag, Digest digest, long size) ->
                                said.add("aux " + tag + " " + digest + " " + size);
                        case PushMessage.InsteadOfIndex(Descriptor index, Descriptor manifest) ->
                                said.add(manifest.digest() + " instead of " + index.digest());
                    }
                });
        return said;
    }

    private void pull(String rest, Optional<String> platform)
            throws IOException, InterruptedException {
        pulls.pull(
                new PullRequest(
                        name(rest), platform.map(Platform::parse), RegistryCredentials.NONE),
                _ -> {});
    }

    private static byte[] tar(String file) throws IOException {
        var bytes = new ByteArrayOutputStream();
        byte[] data = file.repeat(10_000).getBytes(StandardCharsets.UTF_8);
        var tar = new TarWriter(bytes);
        tar.add(TarEntry.file(file, 0644, data.length), data);
        tar.finish();
        return bytes.toByteArray();
    }

    private Image imported(String rest) throws IOException, InterruptedException {
        return store.images()
                .importRootfs(
                        new ByteArrayInputStream(tar("made")),
                        new ImportRequest(List.of(), "", Optional.of(name(rest)), Platform.host()));
    }

    // ---- made elsewhere: put into the registry by hand -----------------------------------------

    private static byte[] gzip(byte[] plain) throws IOException {
        return gzip(plain, Deflater.DEFAULT_COMPRESSION);
    }

    private static byte[] gzip(byte[] plain, int level) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out =
                new GZIPOutputStream(bytes) {
                    {
                        def.setLevel(level);
                    }
                }) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private Descriptor blob(String path, String mediaType, byte[] content)
            throws IOException, InterruptedException {
        Descriptor blob = Descriptor.of(mediaType, Digest.of(content), content.length);
        repository(path).upload(blob, o -> skipped(content, o), _ -> {});
        return blob;
    }

    private static ByteArrayInputStream skipped(byte[] content, long offset) {
        return new ByteArrayInputStream(content, (int) offset, content.length - (int) offset);
    }

    private static String json(Descriptor blob, String more) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d%s}"
                .formatted(blob.mediaType(), blob.digest(), blob.size(), more);
    }

    private Descriptor foreignImage(String path, String architecture)
            throws IOException, InterruptedException {
        byte[] plain = tar(architecture);
        return foreignImage(path, architecture, plain, gzip(plain));
    }

    private Descriptor foreignImage(String path, String architecture, byte[] plain, byte[] packed)
            throws IOException, InterruptedException {
        Descriptor layer = blob(path, MediaTypes.OCI_LAYER_GZIP, packed);
        String config =
                "{\"os\":\"linux\",\"architecture\":\"%s\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}"
                        .formatted(architecture, Digest.of(plain));
        Descriptor described =
                blob(path, MediaTypes.OCI_CONFIG, config.getBytes(StandardCharsets.UTF_8));
        String manifest =
                "{\"schemaVersion\":2,  \"config\":%s,\"layers\":[%s]}"
                        .formatted(json(described, ""), json(layer, ""));
        byte[] bytes = manifest.getBytes(StandardCharsets.UTF_8);
        Digest digest =
                repository(path)
                        .putManifest(Digest.of(bytes).toString(), MediaTypes.OCI_MANIFEST, bytes);
        return Descriptor.of(MediaTypes.OCI_MANIFEST, digest, bytes.length);
    }

    private Digest foreignIndex(String path) throws IOException, InterruptedException {
        var members = new ArrayList<String>();
        for (String architecture : List.of("amd64", "s390x")) {
            members.add(member(foreignImage(path, architecture), architecture));
        }
        return foreignIndex(path, members);
    }

    private static String member(Descriptor manifest, String architecture) {
        return json(
                manifest,
                ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}");
    }

    private Digest foreignIndex(String path, List<String> members) throws InterruptedException {
        String index =
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
                        .formatted(MediaTypes.OCI_INDEX, String.join(",", members));
        return repository(path)
                .putManifest("1", MediaTypes.OCI_INDEX, index.getBytes(StandardCharsets.UTF_8));
    }

    // ---- tests ---------------------------------------------------------------------------------

    @Test
    void imageMadeHereIsPushedOnceAndThenMounted() throws Exception {
        Image image = imported("a/made:1");
        String id = image.diffIds().getFirst().shortHex();
        List<String> said = push("a/made:1", Optional.empty());
        RemoteManifest there = repository("a/made").manifest("1");
        assertThat(there.mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
        assertThat(said)
                .containsExactly(
                        "The push refers to repository [" + host + "/a/made]",
                        id + ": Preparing",
                        id + ": Pushed",
                        "1: digest: " + there.digest() + " size: " + there.bytes().length,
                        "aux 1 " + there.digest() + " " + there.bytes().length);
        assertThat(new String(there.bytes(), StandardCharsets.UTF_8))
                .startsWith(
                        "{\n   \"schemaVersion\": 2,\n   \"mediaType\": \""
                                + MediaTypes.DOCKER_MANIFEST
                                + "\",\n   \"config\": {\n      \"mediaType\": \""
                                + MediaTypes.DOCKER_CONFIG
                                + "\",\n      \"size\": ");
        assertThat(store.images().get(image.id().toString()).repoDigests())
                .extracting(Reference::toString)
                .containsExactly(host + "/a/made@" + there.digest());
        assertThat(push("a/made:1", Optional.empty())).contains(id + ": Layer already exists");
        store.images().tag(host + "/a/made:1", name("b/other:2"));
        assertThat(push("b/other:2", Optional.empty()))
                .contains(id + ": Mounted from a/made")
                .contains("aux 2 " + there.digest() + " " + there.bytes().length);
        assertThat(
                        store.images()
                                .distribution()
                                .repositories(layerOf(there), "127.0.0.1:" + port()))
                .containsExactly(name("b/other").repository(), name("a/made").repository());
    }

    private int port() {
        return server.address().getPort();
    }

    private static Digest layerOf(RemoteManifest manifest) {
        return ((Manifest.OfImage) Manifest.parse("manifest", "", manifest.bytes()))
                .layers()
                .getFirst()
                .digest();
    }

    @Test
    void whatIsNotHereIsToldInDockersWords() throws Exception {
        imported("a/made:1");
        assertThatThrownBy(() -> push("a/nope:1", Optional.empty()))
                .isInstanceOf(NotFound.class)
                .hasMessage("An image does not exist locally with the tag: " + host + "/a/nope");
        assertThatThrownBy(() -> push("a/made:2", Optional.empty()))
                .hasMessage("tag does not exist: " + host + "/a/made:2");
        assertThatThrownBy(() -> push("a/made@" + Digest.of(new byte[0]), Optional.empty()))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("cannot push a digest reference");
    }

    @Test
    void allTagsArePushedInOrder() throws Exception {
        imported("a/made:2");
        store.images().tag(host + "/a/made:2", name("a/made:1"));
        assertThat(push("a/made", Optional.empty()).stream().filter(s -> s.startsWith("aux")))
                .extracting(s -> s.substring(0, 5))
                .containsExactly("aux 1", "aux 2");
        assertThat(repository("a/made").tags()).containsExactly("1", "2");
    }

    @Test
    void whatCameGoesAsItCame() throws Exception {
        Descriptor there = foreignImage("from/here", "amd64");
        repository("from/here")
                .putManifest(
                        "1",
                        MediaTypes.OCI_MANIFEST,
                        repository("from/here").manifest(there.digest().toString()).bytes());
        pull("from/here:1", Optional.empty());
        store.images().tag(host + "/from/here:1", name("to/there:1"));
        push("to/there:1", Optional.empty());
        assertThat(repository("to/there").manifest("1").digest()).isEqualTo(there.digest());
    }

    @Test
    void indexGoesWholeOnlyIfAllOfItIsHere() throws Exception {
        Digest index = foreignIndex("from/many");
        pull("from/many:1", Optional.of("linux/amd64"));
        store.images().tag(host + "/from/many:1", name("to/one:1"));
        RemoteManifest amd64 = memberOf("from/many", 0);
        assertThat(push("to/one:1", Optional.empty()))
                .last()
                .isEqualTo(amd64.digest() + " instead of " + index);
        assertThat(repository("to/one").manifest("1").digest()).isEqualTo(amd64.digest());
        pull("from/many:1", Optional.of("linux/s390x"));
        pull("from/many:1", Optional.of("linux/amd64"));
        store.images().tag(host + "/from/many:1", name("to/all:1"));
        push("to/all:1", Optional.empty());
        assertThat(repository("to/all").manifest("1").digest()).isEqualTo(index);
        push("to/all:1", Optional.of("linux/s390x"));
        assertThat(repository("to/all").manifest("1").digest())
                .isEqualTo(memberOf("from/many", 1).digest());
        assertThatThrownBy(() -> push("to/all:1", Optional.of("linux/arm64")))
                .isInstanceOf(NotFound.class)
                .hasMessageContaining("does not match the specified platform (linux/arm64)");
    }

    /// Images of one index may have the same layer in several forms: all of them are sent.
    @Test
    void aLayerInTwoForms() throws Exception {
        byte[] plain = tar("same");
        byte[] other = gzip(plain, Deflater.BEST_SPEED);
        var members = new ArrayList<String>();
        for (String architecture : List.of("amd64", "s390x")) {
            byte[] packed = architecture.equals("amd64") ? gzip(plain) : other;
            Descriptor member = foreignImage("from/forms", architecture, plain, packed);
            members.add(member(member, architecture));
        }
        Digest index = foreignIndex("from/forms", members);
        pull("from/forms:1", Optional.of("linux/amd64"));
        pull("from/forms:1", Optional.of("linux/s390x"));
        store.images().tag(host + "/from/forms:1", name("to/forms:1"));
        // A pull leaves out what it can do without, other ways in do not.
        try (var ingest = store.content().ingest()) {
            ingest.out().write(other);
            ingest.verify(Digest.of(other));
            try (var _ = store.content().publish(List.of(ingest))) {
                push("to/forms:1", Optional.empty());
            }
        }
        assertThat(repository("to/forms").manifest("1").digest()).isEqualTo(index);
    }

    private RemoteManifest memberOf(String path, int which) throws InterruptedException {
        Repository repository = repository(path);
        String index = new String(repository.manifest("1").bytes(), StandardCharsets.UTF_8);
        String[] parts = index.split("\"digest\":\"");
        return repository.manifest(parts[which + 1].substring(0, 71));
    }
}
