package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// `skopeo` of Debian copies between Debian's registry, ours and our daemon: what arrives is what was
/// sent, byte for byte. It speaks version 1.22 of the API, which the daemon serves when it is told to.
class SkopeoTest {
    private static Scratch folder;
    private static RegistryProcess debian;
    private static RegistryProcess ours;
    private static Engine engine;

    @BeforeAll
    static void open() {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        Machine.hasProgram("skopeo");
        folder = Scratch.folder("corten-skopeo");
        debian = RegistryProcess.debian(folder.file("debian"));
        ours = RegistryProcess.ours(folder.file("ours"));
        engine = Engine.start("--min-api-version", "1.12");
    }

    @AfterAll
    static void close() {
        if (engine != null) {
            engine.closeCleanly();
        }
        if (debian != null) {
            debian.close();
            ours.close();
        }
        if (folder != null) {
            folder.close();
        }
    }

    private static String skopeo(String... arguments) {
        var command = new ArrayList<String>(List.of("skopeo", "--insecure-policy"));
        command.addAll(List.of(arguments));
        try (var running =
                Running.start(
                        command,
                        Map.of(
                                "HOME", folder.path().toString(),
                                "XDG_RUNTIME_DIR", folder.path().toString()))) {
            running.closeInput();
            return running.await().ok();
        }
    }

    private static String at(RegistryProcess registry, String name) {
        return "docker://" + registry.host() + "/" + name;
    }

    private static void copyAll(String from, String to) {
        skopeo(
                "copy",
                "--all",
                "--preserve-digests",
                "--src-tls-verify=false",
                "--dest-tls-verify=false",
                from,
                to);
    }

    private static void copyAllHere(String from, String to) {
        skopeo("copy", "--all", "--preserve-digests", "--src-tls-verify=false", from, to);
    }

    private static void copyAllFrom(String from, RegistryProcess to, String name) {
        skopeo(
                "copy",
                "--all",
                "--preserve-digests",
                "--dest-tls-verify=false",
                from,
                at(to, name));
    }

    /// An index of two platforms, with what a builder says of one of them, which is no image.
    ///
    /// @return its digest
    private static String publishMulti(RegistryApi registry, String repository) {
        var members = new ArrayList<String>();
        for (Published image :
                List.of(Published.noise(1, 5000), Published.noise(2, 5000).architecture("s390x"))) {
            image.oci().publish(registry, repository, image.digest());
            members.add(image.platformDescriptor());
        }
        members.add(attestation(registry, repository, Published.noise(1, 5000).oci().digest()));
        return registry.pushManifest(
                repository,
                "1",
                "application/vnd.oci.image.index.v1+json",
                Published.index(true, members));
    }

    private static String attestation(RegistryApi registry, String repository, String about) {
        String manifest = "application/vnd.oci.image.manifest.v1+json";
        byte[] config = "{\"architecture\":\"unknown\",\"os\":\"unknown\"}".getBytes(UTF_8);
        byte[] statement = "{\"_type\":\"statement\"}".getBytes(UTF_8);
        String json =
                "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
                        .formatted(
                                manifest,
                                Published.descriptor(
                                        "application/vnd.oci.image.config.v1+json",
                                        registry.pushBlob(repository, config),
                                        config.length),
                                Published.descriptor(
                                        "application/vnd.in-toto+json",
                                        registry.pushBlob(repository, statement),
                                        statement.length));
        String digest = "sha256:" + Image.sha256(json.getBytes(UTF_8));
        registry.pushManifest(repository, digest, manifest, json);
        String descriptor = Published.descriptor(manifest, digest, json.length());
        return descriptor.substring(0, descriptor.length() - 1)
                + ",\"platform\":{\"architecture\":\"unknown\",\"os\":\"unknown\"},"
                + "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\","
                + "\"vnd.docker.reference.digest\":\""
                + about
                + "\"}}";
    }

    /// Everything that an index or a manifest names is in both, with the same bytes.
    ///
    /// @return how many documents and blobs that are
    private static int same(
            RegistryApi there, String from, RegistryApi here, String to, String reference) {
        RegistryApi.Answer document = here.manifest(to, reference).ok();
        RegistryApi.Answer original = there.manifest(from, reference).ok();
        assertThat(document.text()).isEqualTo(original.text());
        assertThat(document.header("Docker-Content-Digest"))
                .isEqualTo(original.header("Docker-Content-Digest"));
        int count = 1;
        for (JsonNode member : document.json().path("manifests")) {
            count += same(there, from, here, to, member.path("digest").asString());
        }
        var blobs = new ArrayList<JsonNode>();
        document.json().path("layers").forEach(blobs::add);
        if (document.json().has("config")) {
            blobs.add(document.json().path("config"));
        }
        for (JsonNode blob : blobs) {
            String digest = blob.path("digest").asString();
            byte[] bytes = here.blob(to, digest).ok().body();
            assertThat("sha256:" + Image.sha256(bytes)).isEqualTo(digest);
            count++;
        }
        return count;
    }

    /// Between the registries, and through our daemon by what it pulled: that needs each platform, as
    /// with Docker's containerd store, and a name of which one is missing is pushed without the index.
    @Test
    @Shows({"API-14", "REG-18", "REG-28", "IMG-58", "CON-20"})
    void imagesOfSeveralPlatformsStayWhole() {
        for (boolean oci : new boolean[] {true, false}) {
            String repository = oci ? "multi/oci" : "multi/list";
            String name = repository + ":1";
            var one = oci ? Published.noise(1, 5000).oci() : Published.noise(1, 5000);
            String digest =
                    Published.publish(
                            debian.api(),
                            repository,
                            "1",
                            one,
                            oci
                                    ? Published.noise(2, 5000).architecture("s390x").oci()
                                    : Published.noise(2, 5000).architecture("s390x"));
            copyAll(at(debian, name), at(ours, name));
            assertThat(ours.api().digest(repository, "1")).isEqualTo(digest);
            int all = same(debian.api(), repository, ours.api(), repository, "1");
            copyAll(at(ours, name), at(debian, "back/" + name));
            assertThat(same(ours.api(), repository, debian.api(), "back/" + repository, "1"))
                    .isEqualTo(all);
            Client docker = engine.docker();
            docker.ok("pull", ours.host() + "/" + name);
            docker.ok("tag", ours.host() + "/" + name, debian.host() + "/single/" + name);
            docker.ok("push", debian.host() + "/single/" + name);
            assertThat(debian.api().digest("single/" + repository, "1")).isEqualTo(one.digest());
            docker.ok("pull", "--platform", "linux/s390x", ours.host() + "/" + name);
            String host = docker.ok("create", ours.host() + "/" + name);
            assertThat(docker.ok("inspect", "-f", "{{.Image}}", host)).isEqualTo(one.id());
            docker.ok("rm", host);
            docker.ok("tag", ours.host() + "/" + name, debian.host() + "/through/" + name);
            docker.ok("push", debian.host() + "/through/" + name);
            assertThat(debian.api().digest("through/" + repository, "1")).isEqualTo(digest);
            assertThat(same(ours.api(), repository, debian.api(), "through/" + repository, "1"))
                    .isEqualTo(all);
            docker.ok("rmi", "-f", debian.host() + "/through/" + name);
        }
    }

    /// By archives: skopeo writes one, our daemon loads it, saves it and pushes it; from what it saved
    /// skopeo copies back. Both ways, and each platform with what belongs to it.
    @Test
    @Shows({"IMG-58", "IMG-43", "IMG-46", "IMG-48", "IMG-50"})
    void indexesGoThroughOurDaemonInArchives() {
        Client docker = engine.docker();
        long before = images(docker);
        for (RegistryProcess from : List.of(debian, ours)) {
            RegistryProcess to = from == debian ? ours : debian;
            String digest = publishMulti(from.api(), "archive/in");
            String archive = folder.file("in-" + (from == debian) + ".tar").toString();
            copyAllHere(at(from, "archive/in:1"), "oci-archive:" + archive + ":archive/in:1");
            assertThat(docker.ok("load", "-i", archive)).isEqualTo("Loaded image: archive/in:1");
            assertThat(docker.ok("images", "-q", "archive/in")).hasLineCount(1);
            String saved = folder.file("out-" + (from == debian) + ".tar").toString();
            docker.ok("save", "-o", saved, "archive/in:1");
            copyAllFrom("oci-archive:" + saved + ":1", to, "archive/out:1");
            assertThat(to.api().digest("archive/out", "1")).isEqualTo(digest);
            // An index, three manifests, their configurations; two layers each, and one statement.
            assertThat(same(from.api(), "archive/in", to.api(), "archive/out", "1")).isEqualTo(12);
            docker.ok("tag", "archive/in:1", to.host() + "/archive/pushed:1");
            assertThat(docker.ok("push", to.host() + "/archive/pushed:1"))
                    .contains("digest: " + digest);
            assertThat(same(from.api(), "archive/in", to.api(), "archive/pushed", "1"))
                    .isEqualTo(12);
            docker.ok("rmi", "-f", "archive/in:1", to.host() + "/archive/pushed:1");
            assertThat(images(docker)).isEqualTo(before);
        }
    }

    private static long images(Client docker) {
        return docker.ok("images", "-q", "-a").lines().distinct().count();
    }

    /// One platform of an index, where one is asked for, and the words for one that is not there.
    @Test
    @Shows({"IMG-58", "IMG-46", "IMG-50", "IMG-39"})
    void onePlatformOfAnIndex() {
        publishMulti(debian.api(), "archive/one");
        String archive = folder.file("one.tar").toString();
        copyAllHere(at(debian, "archive/one:1"), "oci-archive:" + archive + ":archive/one:1");
        Client docker = engine.docker();
        docker.ok("load", "-i", archive);
        var two = Published.noise(2, 5000).architecture("s390x").oci();
        assertThat(
                        docker.ok(
                                "image",
                                "inspect",
                                "--platform",
                                "linux/s390x",
                                "-f",
                                "{{.Id}} {{.Architecture}}",
                                "archive/one:1"))
                .isEqualTo(two.id() + " s390x");
        assertThat(docker.ok("images", "--tree")).contains("linux/amd64", "linux/s390x");
        docker.ok("history", "--platform", "linux/s390x", "archive/one:1");
        String saved = folder.file("one-s390x.tar").toString();
        docker.ok("save", "--platform", "linux/s390x", "-o", saved, "archive/one:1");
        copyAllFrom("oci-archive:" + saved + ":1", ours, "archive/s390x:1");
        assertThat(ours.api().digest("archive/s390x", "1")).isEqualTo(two.digest());
        docker.ok("tag", "archive/one:1", ours.host() + "/archive/chosen:1");
        docker.ok("push", "--platform", "linux/s390x", ours.host() + "/archive/chosen:1");
        assertThat(ours.api().digest("archive/chosen", "1")).isEqualTo(two.digest());
        String absent =
                "image with reference archive/one:1 was found but does not provide the specified"
                        + " platform (linux/arm64)";
        for (var command :
                List.of(
                        List.of("image", "inspect"),
                        List.of("history"),
                        List.of("save", "-o", saved))) {
            var words = new ArrayList<>(command);
            words.addAll(List.of("--platform", "linux/arm64", "archive/one:1"));
            Finished refused = docker.run(words.toArray(String[]::new));
            assertThat(refused.status()).isNotZero();
            assertThat(refused.err()).contains(absent);
        }
        docker.ok("rmi", "-f", "archive/one:1", ours.host() + "/archive/chosen:1");
        Finished refused = docker.run("load", "--platform", "linux/arm64", "-i", archive);
        assertThat(refused.status()).isNotZero();
        assertThat(refused.err()).contains("requested platform (linux/arm64) not found");
        docker.ok("load", "--platform", "linux/s390x", "-i", archive);
        assertThat(docker.ok("images", "-q", "--no-trunc", "archive/one")).isEqualTo(two.id());
        docker.ok("rmi", "-f", "archive/one:1");
    }

    /// `docker-daemon:` knows no manifests, only the configuration and the layers of one platform: it
    /// cannot carry an index. The image's ID stays.
    @Test
    @Shows({"API-08", "IMG-48", "IMG-43", "IMG-50"})
    void intoOurDaemonAndOut() {
        var image = Published.noise(3, 50_000);
        image.publish(debian.api(), "daemon/in", "1");
        String host = "--dest-daemon-host=unix://" + engine.socket();
        skopeo(
                "copy",
                "--src-tls-verify=false",
                host,
                at(debian, "daemon/in:1"),
                "docker-daemon:copied:1");
        assertThat(engine.docker().ok("images", "-q", "--no-trunc", "copied"))
                .isEqualTo(image.id());
        assertThat(engine.docker().ok("run", "--rm", "copied:1", "echo", "runs")).isEqualTo("runs");
        skopeo(
                "copy",
                "--dest-tls-verify=false",
                "--src-daemon-host=unix://" + engine.socket(),
                "docker-daemon:copied:1",
                at(ours, "daemon/out:1"));
        assertThat(
                        ours.api()
                                .manifest("daemon/out", "1")
                                .json()
                                .path("config")
                                .path("digest")
                                .asString())
                .isEqualTo(image.id());
        String inspected =
                skopeo("inspect", "--tls-verify=false", "--raw", at(ours, "daemon/out:1"));
        assertThat(inspected).contains(image.id());
    }

    /// Pulled, pushed, and pushed again elsewhere: the same bytes each time.
    @Test
    @Shows({"DSK-31", "IMG-17", "IMG-14"})
    void throughOurDaemonByDigest() {
        var image = Published.noise(4, 20_000, 20_000);
        String digest = image.publish(debian.api(), "digest/a", "1");
        Client docker = engine.docker();
        docker.ok("pull", debian.host() + "/digest/a@" + digest);
        docker.ok("tag", debian.host() + "/digest/a@" + digest, ours.host() + "/digest/b:1");
        assertThat(docker.ok("push", ours.host() + "/digest/b:1")).contains("digest: " + digest);
        assertThat(ours.api().digest("digest/b", "1")).isEqualTo(digest);
        copyAll(at(ours, "digest/b:1"), at(debian, "digest/c:1"));
        assertThat(debian.api().digest("digest/c", "1")).isEqualTo(digest);
    }

    @Test
    @Shows("REG-29")
    void layersOfEveryCompression() {
        var image = Published.noise(5, 30_000);
        image.publish(debian.api(), "layers/gzip", "1");
        skopeo(
                "copy",
                "--src-tls-verify=false",
                "--dest-decompress",
                "--format=oci",
                at(debian, "layers/gzip:1"),
                "dir:" + folder.file("plain"));
        skopeo(
                "copy",
                "--dest-tls-verify=false",
                "--dest-compress-format=zstd",
                "dir:" + folder.file("plain"),
                at(ours, "layers/zstd:1"));
        var plain =
                new Published()
                        .oci()
                        .layer(
                                new Published.Layer(
                                        Published.OCI_LAYER,
                                        Image.busyboxLayer(),
                                        Image.sha256(Image.busyboxLayer())))
                        .config("\"Cmd\":[\"sh\"]");
        plain.publish(ours.api(), "layers/plain", "1");
        for (String name : List.of("layers/zstd:1", "layers/plain:1")) {
            engine.docker().ok("pull", ours.host() + "/" + name);
            assertThat(engine.docker().ok("run", "--rm", ours.host() + "/" + name, "echo", name))
                    .isEqualTo(name);
        }
        assertThat(ours.api().manifest("layers/zstd", "1").text()).contains("zstd");
    }

    /// Both servers lay out their storage alike: one goes on with what the other has.
    @Test
    @Shows({"REG-13", "REG-14"})
    void oneStorageForBothServers() {
        try (var first = RegistryProcess.debian(folder.file("both"))) {
            String digest = Published.noise(6, 9000).publish(first.api(), "kept/by", "debian");
            first.terminate();
            try (var second = RegistryProcess.ours(folder.file("both"))) {
                assertThat(second.api().digest("kept/by", "debian")).isEqualTo(digest);
                copyAll(at(second, "kept/by:debian"), at(second, "kept/by:ours"));
            }
            try (var third = RegistryProcess.debian(folder.file("both"))) {
                assertThat(third.api().digest("kept/by", "ours")).isEqualTo(digest);
                assertThat(third.api().tags("kept/by")).containsExactlyInAnyOrder("debian", "ours");
            }
        }
    }
}
