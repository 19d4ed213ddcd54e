package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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

    @Test
    @Shows({"API-14", "REG-18", "REG-28", "IMG-58", "CON-20"})
    void imagesOfSeveralPlatformsStayWhole() {
        for (boolean oci : new boolean[] {true, false}) {
            String name = oci ? "multi/oci:1" : "multi/list:1";
            String repository = name.substring(0, name.indexOf(':'));
            var one = Published.noise(1, 5000);
            var two = Published.noise(2, 5000).architecture("s390x");
            String digest =
                    Published.publish(
                            debian.api(),
                            repository,
                            "1",
                            oci ? one.oci() : one,
                            oci ? two.oci() : two);
            copyAll(at(debian, name), at(ours, name));
            assertThat(ours.api().digest(repository, "1")).isEqualTo(digest);
            assertThat(ours.api().manifest(repository, "1").body())
                    .isEqualTo(debian.api().manifest(repository, "1").body());
            copyAll(at(ours, name), at(debian, "back/" + name));
            assertThat(debian.api().digest("back/" + repository, "1")).isEqualTo(digest);
            // Through our daemon, by its own means: what it pulled it pushes.
            Client docker = engine.docker();
            docker.ok("pull", ours.host() + "/" + name);
            docker.ok("tag", ours.host() + "/" + name, debian.host() + "/through/" + name);
            docker.ok("push", debian.host() + "/through/" + name);
            var through = debian.api().manifest("through/" + repository, "1").ok();
            assertThat(through.header("Docker-Content-Digest")).isIn(digest, one.digest());
        }
    }

    /// `docker-daemon:` knows no manifests, only the configuration and the layers: the image's ID stays.
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
