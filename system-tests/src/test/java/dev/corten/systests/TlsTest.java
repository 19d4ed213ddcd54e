package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// TCP, secured by TLS and not.
@Shows({"DMN-04", "API-09"})
class TlsTest {
    private static final int MANY = 3_000_000;

    @TempDir static Path directory;
    private static Certificates certificates;
    private Engine engine;
    private int port;

    @BeforeAll
    static void certify() {
        certificates = new Certificates(directory);
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

    private void start(String... options) {
        var all = new ArrayList<>(List.of(options));
        all.addAll(List.of("-H", "tcp://127.0.0.1:" + port));
        engine = Engine.start(all.toArray(String[]::new));
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
        }
    }

    private void startSecured() {
        start(
                "--tlsverify",
                "--tlscacert",
                certificates.file("ca.pem"),
                "--tlscert",
                certificates.file("server-cert.pem"),
                "--tlskey",
                certificates.file("server-key.pem"));
    }

    private Client client(Map<String, String> more) {
        var variables = new HashMap<>(more);
        variables.put("DOCKER_HOST", "tcp://127.0.0.1:" + port);
        return new Client(List.of("docker"), engine.socket(), engine.home(), variables);
    }

    private Client secured() {
        return client(Map.of("DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", directory.toString()));
    }

    @Test
    void theDockerCommandLineWorksWithItsCertificate() {
        startSecured();
        Client docker = secured();
        assertThat(docker.ok("version", "-f", "{{.Server.Version}}")).isEqualTo("28.5.2");
        Finished run =
                docker.run("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 3");
        assertThat(run.out()).isEqualTo("out\n");
        assertThat(run.err()).isEqualTo("err\n");
        assertThat(run.status()).isEqualTo(3);
    }

    /// Through the joint between the encrypted connection and the monitor: in frames and bare, and
    /// with an end of the input that is not the end of the output.
    @Test
    void attachedStreamsPassWhole() {
        startSecured();
        Client docker = secured();
        byte[] bytes = new byte[MANY];
        new Random(4).nextBytes(bytes);
        assertThat(docker.runWithInput(bytes, "run", "-i", "--rm", "busybox", "cat").outBytes())
                .isEqualTo(bytes);
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        assertThat(docker.runWithInput(bytes, "exec", "-i", "c1", "cat").outBytes())
                .isEqualTo(bytes);
        assertThat(
                        docker.runWithInput(
                                        "x".getBytes(),
                                        "exec",
                                        "-i",
                                        "c1",
                                        "sh",
                                        "-c",
                                        "cat; usleep 100000; echo late")
                                .out())
                .isEqualTo("xlate\n");
        try (var terminal =
                docker.shell("script -qec 'docker exec -it c1 sh -c \"tty; exit 7\"' /dev/null")) {
            terminal.closeInput();
            Finished ended = terminal.await();
            assertThat(ended.out()).contains("/dev/pts/0");
            assertThat(ended.status()).isEqualTo(7);
        }
        docker.ok("rm", "-f", "c1");
    }

    @Test
    void whoHasNoCertificateIsTurnedAway() {
        startSecured();
        Finished plain = client(Map.of()).run("version");
        assertThat(plain.status()).isEqualTo(1);
        Finished without =
                Running.run(
                        "curl",
                        "-s",
                        "--cacert",
                        certificates.file("ca.pem"),
                        "https://127.0.0.1:" + port + "/_ping");
        assertThat(without.status()).isNotZero();
        assertThat(without.out()).isEmpty();
        assertThat(secured().ok("info", "-f", "{{.Warnings}}")).doesNotContain("API is accessible");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--tls=false", "--tlsverify=false", "--insecure-tcp"})
    void plainTcpMustBeMeant(String word) {
        start(word);
        Client docker = client(Map.of());
        byte[] bytes = new byte[MANY];
        new Random(5).nextBytes(bytes);
        assertThat(docker.runWithInput(bytes, "run", "-i", "--rm", "busybox", "cat").outBytes())
                .isEqualTo(bytes);
        assertThat(docker.run("info").err())
                .contains(
                        "[DEPRECATION NOTICE]: API is accessible on http://127.0.0.1:"
                                + port
                                + " without encryption.\n"
                                + "         Access to the remote API is equivalent to root access"
                                + " on the host.");
    }

    @Test
    void plainTcpThatIsNotMeantIsRefused() {
        Finished refused =
                Cortend.run(
                        "-H",
                        "tcp://127.0.0.1:" + port,
                        "--data-root",
                        directory.resolve("data").toString(),
                        "--exec-root",
                        directory.resolve("exec").toString());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err()).contains("--tlsverify", "--insecure-tcp", "root");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--tls", "--tlsverify"})
    void missingFilesAreNamedInDockersWords(String word) {
        Finished refused = Cortend.run(Map.of("HOME", directory.toString()), word, "-H", "tcp://");
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err())
                .isEqualTo(
                        "invalid TLS configuration: Could not load X509 key pair (cert: \"\", key:"
                                + " \"\"): open : no such file or directory\n");
    }
}
