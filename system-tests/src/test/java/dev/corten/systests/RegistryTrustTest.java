package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Registries behind TLS, at an address that is not the loopback's: who may be believed.
class RegistryTrustTest {
    private static Scratch folder;
    private static Engine engine;
    private static RegistryProcess registry;

    @BeforeAll
    static void open() throws IOException {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        folder = Scratch.folder("corten-trust");
        engine = Engine.start();
        if (Limits.againstStub()) {
            return;
        }
        String address = engine.bridgeAddress();
        var certificates = new Certificates(folder.path());
        certificates.sign("registry-cert.pem", "registry-key.pem", "IP:" + address, "2");
        registry =
                RegistryProcess.ours(
                        folder.file("registry"),
                        "http: {addr: '0.0.0.0:PORT', tls: {certificate: '"
                                + certificates.file("registry-cert.pem")
                                + "', key: '"
                                + certificates.file("registry-key.pem")
                                + "'}}");
    }

    @AfterAll
    static void close() {
        if (engine != null) {
            engine.closeCleanly();
        }
        if (registry != null) {
            registry.close();
        }
        if (folder != null) {
            folder.close();
        }
    }

    private static String host() {
        return engine.bridgeAddress() + ":" + registry.port();
    }

    /// Where every engine looks; what was not there before goes again.
    private static Path certificatesOf(String host) {
        return Path.of("/etc/docker/certs.d").resolve(host);
    }

    @Test
    @Shows({"REG-25", "REG-26", "REG-17", "REG-15"})
    void anAuthorityOfOnesOwn() throws IOException {
        Client docker = engine.docker();
        Finished stranger = docker.run("pull", host() + "/trusted:1");
        assertThat(stranger.status()).isEqualTo(1);
        assertThat(stranger.err())
                .contains(
                        "tls: failed to verify certificate: x509: certificate signed by unknown"
                                + " authority");
        Path trusted = certificatesOf(host());
        boolean mine = !Files.exists(trusted.getParent());
        Files.createDirectories(trusted);
        try {
            Files.copy(folder.file("ca.pem"), trusted.resolve("ca.crt"));
            Image.busybox().load(engine);
            docker.ok("tag", "busybox", host() + "/trusted:1");
            assertThat(docker.ok("push", host() + "/trusted:1")).contains("digest: sha256:");
            docker.ok("rmi", host() + "/trusted:1");
            docker.ok("pull", host() + "/trusted:1");
        } finally {
            Files.deleteIfExists(trusted.resolve("ca.crt"));
            Files.delete(trusted);
            if (mine) {
                Files.delete(trusted.getParent());
            }
        }
        // Believed unseen, and said so in the settings, which may change while it runs.
        docker.ok("rmi", host() + "/trusted:1");
        assertThat(docker.run("pull", host() + "/trusted:1").status()).isEqualTo(1);
        try (var other = new Closing(Engine.start("--insecure-registry", "10.88.0.0/16"))) {
            assertThat(other.engine().docker().ok("pull", host() + "/trusted:1"))
                    .contains("Downloaded newer image");
            assertThat(other.engine().docker().ok("info", "-f", "{{json .RegistryConfig}}"))
                    .contains("10.88.0.0/16");
        }
    }

    private record Closing(Engine engine) implements AutoCloseable {
        @Override
        public void close() {
            engine.closeCleanly();
        }
    }
}
