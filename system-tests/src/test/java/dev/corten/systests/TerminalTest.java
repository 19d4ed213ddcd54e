package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `-it`, through a terminal that `script` makes.
@ExtendWith(PrivateEngine.class)
class TerminalTest {
    /// A terminal of 40 rows and 100 columns in which a command runs; the first line it prints is
    /// the terminal's name.
    private record Terminal(Running script, String device) implements AutoCloseable {
        static Terminal open(Client client, String command) {
            Running script =
                    Running.start(
                            List.of(
                                    "script",
                                    "-qec",
                                    "tty; stty rows 40 cols 100; exec " + command,
                                    "/dev/null"),
                            client.environment());
            String first = script.out().awaitText("a line", text -> text.contains("\n"));
            return new Terminal(script, first.lines().findFirst().orElseThrow().strip());
        }

        void resize(int rows, int columns) {
            Running.run("stty", "-F", device, "rows", "" + rows, "cols", "" + columns).ok();
        }

        /// Resizes the window until the shell inside has seen it. The client listens to SIGWINCH only
        /// once its first resize was answered, which nobody can tell from here: a resize before that
        /// is lost, so that it is repeated.
        void resizeUntilSeen(int rows, int columns) {
            script.type(
                    "while [ \"$(stty size)\" != '%d %d' ]; do :; done; echo si''zed\n"
                            .formatted(rows, columns));
            Eventually.get(
                    "the size " + rows + " " + columns,
                    () -> {
                        resize(rows, columns - 1);
                        resize(rows, columns);
                        return text();
                    },
                    seen -> seen.contains("\nsized"));
        }

        /// What the command printed, as it is without a terminal.
        String text() {
            return script.out().text().replace("\r", "");
        }

        @Override
        public void close() {
            script.close();
        }
    }

    @Test
    @Shows({"RUN-03", "CTR-03"})
    void shellIsTalkedToThroughATerminal(Client docker) {
        try (var terminal = Terminal.open(docker, "docker run -it --rm --name c1 busybox sh")) {
            terminal.script().out().await("# ");
            terminal.script().type("tty; echo T=$TERM; ls -l /dev/console | cut -c1\n");
            terminal.script().out().await("/dev/pts/0");
            terminal.script().out().await("T=xterm");
            terminal.script().type("exit 6\n");
            assertThat(terminal.script().await().status()).isEqualTo(6);
        }
    }

    @Test
    @Shows("EXE-11")
    void windowHasTheSizeOfTheClients(Client docker) {
        try (var terminal = Terminal.open(docker, "docker run -it --rm --name c1 busybox sh")) {
            terminal.script().out().await("# ");
            Eventually.get(
                    "the first size",
                    () -> docker.ok("exec", "c1", "stty", "-F", "/dev/console", "size"),
                    "40 100"::equals);
            terminal.resizeUntilSeen(51, 121);
            terminal.script().type("exit\n");
            assertThat(terminal.script().await().status()).isZero();
        }
    }

    @Test
    void controlCInterruptsTheCommand(Client docker) {
        try (var terminal = Terminal.open(docker, "docker run -it --rm busybox sh")) {
            terminal.script().out().await("# ");
            terminal.script().type("echo begun; sleep 1000\n");
            // Not before the command runs: the shell's own line editor would take the key.
            terminal.script().out().await("\nbegun");
            terminal.script().type("\u0003");
            // The terminal drops what is typed before the shell has its prompt back.
            terminal.script()
                    .out()
                    .awaitText(
                            "a prompt after ^C",
                            seen ->
                                    seen.contains("^C")
                                            && seen.indexOf("# ", seen.indexOf("^C")) > 0);
            terminal.script().type("echo on\n");
            terminal.script().out().await("\non");
            terminal.script().type("exit 0\n");
            terminal.script().await();
        }
    }

    @Test
    @Shows("EXE-02")
    void detachKeysLeaveTheContainerRunning(Client docker) {
        try (var terminal = Terminal.open(docker, "docker run -it --name c1 busybox sh")) {
            terminal.script().out().await("# ");
            terminal.script().type("\u0010\u0011");
            assertThat(terminal.script().await().status()).isZero();
        }
        assertThat(docker.ok("inspect", "-f", "{{.State.Running}}", "c1")).isEqualTo("true");
        try (var terminal = Terminal.open(docker, "docker attach --detach-keys ctrl-x,y c1")) {
            terminal.script().type("echo a$((1 + 1))b\n");
            terminal.script().out().await("a2b");
            terminal.script().type("\u0018y");
            terminal.script().await();
            assertThat(terminal.text()).contains("read escape sequence");
        }
        assertThat(docker.ok("inspect", "-f", "{{.State.Running}}", "c1")).isEqualTo("true");
    }

    @Test
    @Shows({"EXE-04", "EXE-11"})
    void execHasATerminalOfItsOwn(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sleep", "1000");
        try (var terminal = Terminal.open(docker, "docker exec -it c1 sh")) {
            terminal.script().out().await("# ");
            terminal.script()
                    .type("while [ \"$(stty size)\" != '40 100' ]; do :; done; stty size\n");
            terminal.script().out().await("\n40 100");
            terminal.resizeUntilSeen(33, 99);
            terminal.script().type("exit 3\n");
            assertThat(terminal.script().await().status()).isEqualTo(3);
        }
    }

    @Test
    @Shows("RUN-02")
    void logOfATerminalIsOneStream(Client docker) {
        docker.ok("run", "-d", "-t", "--name", "c1", "busybox", "sh", "-c", "echo a; echo b >&2");
        docker.ok("wait", "c1");
        Finished logs = docker.run("logs", "c1");
        assertThat(logs.out()).isEqualTo("a\r\nb\r\n");
        assertThat(logs.err()).isEmpty();
    }

    @Test
    void terminalOfOurOwnCommandLine(Engine engine) {
        Client corten = engine.corten();
        try (var terminal =
                Terminal.open(
                        corten, String.join(" ", corten.program()) + " run -it --rm busybox sh")) {
            terminal.script().out().await("# ");
            terminal.script()
                    .type("while [ \"$(stty size)\" != '40 100' ]; do :; done; stty size\n");
            terminal.script().out().await("\n40 100");
            terminal.resizeUntilSeen(51, 121);
            terminal.script().type("exit 7\n");
            assertThat(terminal.script().await().status()).isEqualTo(7);
        }
    }
}
