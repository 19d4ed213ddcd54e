package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The options of TLS, as `docker` and `corten` take them: both reach a daemon that wants
/// certificates, and both say the same where they do not.
@Shows("CLI-20")
class CortenTlsTest {
    private static final int MANY = 1_000_000;

    @TempDir static Path directory;
    private static Certificates certificates;
    private Engine engine;
    private int port;

    @BeforeAll
    static void certify() {
        certificates = new Certificates(directory);
        certificates.sign("late.pem", "late-key.pem", "DNS:localhost,IP:127.0.0.1", "-1");
        certificates.sign("other.pem", "other-key.pem", "DNS:elsewhere.example,IP:10.9.9.9", "2");
        certificates.stranger("stranger");
    }

    @BeforeEach
    void prepare() throws IOException {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void close() {
        if (engine != null) {
            engine.closeCleanly();
        }
    }

    private void start(String certificate, String key) {
        engine =
                Engine.start(
                        "-H",
                        "tcp://127.0.0.1:" + port,
                        "--tlsverify",
                        "--tlscacert",
                        certificates.file("ca.pem"),
                        "--tlscert",
                        certificates.file(certificate),
                        "--tlskey",
                        certificates.file(key));
    }

    private Client client(String program, String... options) {
        var line = new ArrayList<String>();
        line.add(program.equals("docker") ? program : Engine.program(program).toString());
        line.addAll(List.of("-H", "tcp://127.0.0.1:" + port));
        line.addAll(List.of(options));
        return new Client(line, engine.socket(), engine.home(), Map.of());
    }

    private String[] whole() {
        return new String[] {
            "--tlsverify",
            "--tlscacert",
            certificates.file("ca.pem"),
            "--tlscert",
            certificates.file("cert.pem"),
            "--tlskey",
            certificates.file("key.pem")
        };
    }

    private String[] whole(String option, String file) {
        String[] options = whole();
        for (int i = 0; i < options.length; i++) {
            if (options[i].equals(option)) {
                options[i + 1] = certificates.file(file);
            }
        }
        return options;
    }

    @Test
    void bothReachTheDaemon() {
        start("server-cert.pem", "server-key.pem");
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
        }
        byte[] bytes = new byte[MANY];
        new Random(20).nextBytes(bytes);
        for (String program : List.of("docker", "corten")) {
            Client client = client(program, whole());
            assertThat(client.ok("version", "-f", "{{.Server.Version}}")).isEqualTo("28.5.2");
            Finished run =
                    client.run("run", "--rm", "busybox", "sh", "-c", "echo o; echo e >&2; exit 3");
            assertThat(run.out()).isEqualTo("o\n");
            assertThat(run.err()).isEqualTo("e\n");
            assertThat(run.status()).isEqualTo(3);
            assertThat(client.runWithInput(bytes, "run", "-i", "--rm", "busybox", "cat").outBytes())
                    .isEqualTo(bytes);
            // Without --tlsverify the daemon is believed, as long as its authority's file is there.
            String[] trusting = whole();
            trusting[0] = "--tls";
            assertThat(client(program, trusting).ok("ps", "-q")).isEmpty();
        }
    }

    @Test
    void wrongAuthoritiesAndNamesAreToldAlike() {
        start("server-cert.pem", "server-key.pem");
        engine.answersAsItself();
        refused(
                "x509: certificate signed by unknown authority\n",
                whole("--tlscacert", "stranger.pem"));
        refused("remote error: tls: certificate required\n", withoutCertificate());
        engine.closeCleanly();
        start("other.pem", "other-key.pem");
        refused("x509: certificate is valid for 10.9.9.9, not 127.0.0.1\n", whole());
        engine.closeCleanly();
        start("late.pem", "late-key.pem");
        refused("x509: certificate has expired or is not yet valid: current time", whole());
    }

    private String[] withoutCertificate() {
        return List.of(whole()).subList(0, 3).toArray(String[]::new);
    }

    private void refused(String words, String... options) {
        Finished docker = client("docker", options).run("ps");
        Finished corten = client("corten", options).run("ps");
        assertThat(docker.status()).isEqualTo(1);
        assertThat(docker.err()).contains(words);
        assertThat(neutral(corten.err())).isEqualTo(neutral(docker.err()));
        assertThat(corten.status()).isEqualTo(1);
    }

    /// The two may speak different versions, at different seconds.
    private static String neutral(String text) {
        return text.replaceAll("/v1\\.\\d+/", "/")
                .replaceAll("current time \\S+ is", "current time is");
    }

    @Test
    void filesThatDoNotServeAreNamedAlike() {
        start("server-cert.pem", "server-key.pem");
        engine.answersAsItself();
        refused("Failed to initialize: ", whole("--tlscacert", "absent.pem"));
        refused("Failed to initialize: ", whole("--tlscert", "absent.pem"));
        refused("ca.pem seems invalid", whole("--tlscacert", "key.pem"));
        refused("failed to find any", whole("--tlscert", "ca.srl"));
        refused("no valid private key", whole("--tlskey", "ca.srl"));
        refused("private key does not match public key", whole("--tlskey", "ca-key.pem"));
        // Nothing is said of the files: they are looked for where the configuration is.
        refused("/.docker/ca.pem: no such file or directory\n", "--tlsverify");
        refused("/.docker/ca.pem: no such file or directory\n", "--tls");
        refused("Client sent an HTTP request to an HTTPS server.\n");
    }
}
