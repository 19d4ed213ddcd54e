package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `docker run`: the exit codes, and the three streams.
@ExtendWith(PrivateEngine.class)
class RunTest {
    @Test
    @Shows({"CON-04", "CTR-02"})
    void printsWhatTheCommandPrints(Client docker) {
        Finished run = docker.run("run", "--rm", "busybox", "echo", "hello");
        assertThat(run.out()).isEqualTo("hello\n");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "exit 7, 7",
        "kill -9 $$; kill -TERM $$; exit 5, 5",
        "sh -c 'kill -9 $$'; exit $?, 137"
    })
    @Shows("CLI-35")
    void exitCodeIsTheCommands(String script, int code, Client docker) {
        Finished run = docker.run("run", "--rm", "busybox", "sh", "-c", "echo begun; " + script);
        assertThat(run.out()).isEqualTo("begun\n");
        assertThat(run.status()).isEqualTo(code);
    }

    @Test
    @Shows("CLI-35")
    void missingCommandIs127(Client docker) {
        Finished run = docker.run("run", "--rm", "busybox", "no-such-command");
        assertThat(run.status()).isEqualTo(127);
        assertThat(run.err())
                .contains("exec: \"no-such-command\": executable file not found in $PATH");
        Finished absolute = docker.run("run", "--rm", "busybox", "/no/such");
        assertThat(absolute.status()).isEqualTo(127);
        assertThat(absolute.err()).contains("stat /no/such: no such file or directory");
    }

    @Test
    @Shows("CLI-35")
    void commandThatCannotBeExecutedIs126(Client docker) {
        Finished file = docker.run("run", "--rm", "busybox", "/etc/plain");
        assertThat(file.status()).isEqualTo(126);
        assertThat(file.err()).contains("exec: \"/etc/plain\": permission denied");
        Finished folder = docker.run("run", "--rm", "busybox", "/etc");
        assertThat(folder.status()).isEqualTo(126);
        assertThat(folder.err()).contains("is a directory: permission denied");
    }

    @Test
    void failedStartLeavesTheContainerCreated(Client docker) {
        docker.run("run", "--name", "broken", "busybox", "no-such-command");
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "broken"))
                .isEqualTo("created 127");
    }

    @Test
    void stdoutAndStderrAreApart(Client docker) {
        Finished run = docker.run("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2");
        assertThat(run.out()).isEqualTo("out\n");
        assertThat(run.err()).isEqualTo("err\n");
    }

    @Test
    @Shows("RUN-01")
    void pipedInputReachesTheCommandAndItsEndToo(Client docker) {
        byte[] input = "line\n".repeat(50_000).getBytes(UTF_8);
        Finished run = docker.runWithInput(input, "run", "--rm", "-i", "busybox", "md5sum");
        assertThat(run.out()).startsWith(md5(input));
    }

    @Test
    void outputGoesOnAfterTheEndOfInput(Client docker) {
        Finished run =
                docker.runWithInput(
                        "abc\n".getBytes(UTF_8),
                        "run",
                        "--rm",
                        "-i",
                        "busybox",
                        "sh",
                        "-c",
                        "cat; echo after");
        assertThat(run.out()).isEqualTo("abc\nafter\n");
    }

    @Test
    void withoutInteractiveStdinIsEmpty(Client docker) {
        Finished run =
                docker.runWithInput(
                        "abc\n".getBytes(UTF_8),
                        "run",
                        "--rm",
                        "busybox",
                        "sh",
                        "-c",
                        "readlink /proc/self/fd/0; cat");
        assertThat(run.out()).isEqualTo("/dev/null\n");
    }

    @Test
    void largeOutputArrivesWhole(Client docker) {
        Finished run =
                docker.run(
                        "run", "--rm", "busybox", "sh", "-c", "yes 0123456789 | head -c 8000000");
        assertThat(run.outBytes()).hasSize(8_000_000);
        assertThat(md5(run.outBytes())).isEqualTo(md5(Tile.of("0123456789\n", 8_000_000)));
    }

    @Test
    @Shows({"RUN-06", "CON-08"})
    void removesItselfIfAsked(Client docker) {
        Finished run = docker.run("run", "--rm", "--name", "gone", "busybox", "echo", "ran");
        assertThat(run.out()).isEqualTo("ran\n");
        assertThat(docker.run("inspect", "gone").err()).contains("No such object: gone");
    }

    @Test
    @Shows("RUN-32")
    void signalsOfTheClientReachTheCommand(Client docker) {
        try (Running run =
                docker.start(
                        "run",
                        "--rm",
                        "--name",
                        "trapping",
                        "busybox",
                        "sh",
                        "-c",
                        "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.05; done")) {
            run.out().await("ready");
            run.interrupt();
            run.out().await("caught");
            assertThat(run.await().status()).isEqualTo(9);
        }
    }

    @Test
    @Shows("RUN-05")
    void detachedPrintsTheId(Client docker) {
        String id = docker.ok("run", "-d", "busybox", "sleep", "100");
        assertThat(id).matches("[0-9a-f]{64}");
        assertThat(docker.ok("inspect", "-f", "{{.State.Running}}", id)).isEqualTo("true");
    }

    @Test
    @Shows({"RUN-21", "RUN-25", "RUN-28", "RUN-31"})
    void environmentUserAndDirectoryAreAsAsked(Client docker) {
        Finished run =
                docker.run(
                        "run",
                        "--rm",
                        "-e",
                        "A=1 2",
                        "-u",
                        "web",
                        "-w",
                        "/made",
                        "--hostname",
                        "h1",
                        "busybox",
                        "sh",
                        "-c",
                        "echo \"$A\"; id -u; id -g; pwd; hostname; echo $HOME; stat -c %u /made");
        assertThat(run.lines()).containsExactly("1 2", "1000", "1001", "/made", "h1", "/home", "0");
    }

    @Test
    @Shows({"CTR-01", "CTR-11", "CTR-12"})
    void createdContainerIsStartedLater(Client docker) {
        String id = docker.ok("create", "--name", "later", "busybox", "echo", "started");
        assertThat(id).matches("[0-9a-f]{64}");
        assertThat(docker.run("start", "-a", "later").out()).isEqualTo("started\n");
        assertThat(docker.run("start", "-a", "later").out()).isEqualTo("started\n");
    }

    private static String md5(byte[] bytes) {
        try {
            return java.util.HexFormat.of()
                    .formatHex(java.security.MessageDigest.getInstance("MD5").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
