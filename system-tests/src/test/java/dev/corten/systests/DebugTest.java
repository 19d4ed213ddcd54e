package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `corten debug`: a shell with tools in a container that has neither.
@Shows("EXE-12")
@ExtendWith(PrivateEngine.class)
class DebugTest {
    private Client corten;

    /// An image of one static program, and one of tools with a mark.
    @BeforeAll
    static void images(Engine engine) throws IOException {
        if (Limits.againstStub()) {
            return;
        }
        byte[] program = Files.readAllBytes(Path.of("/bin/busybox"));
        new Image("slim:latest")
                .layer(new Tar().file("busybox", program, 0755).bytes())
                .config("\"Cmd\":[\"/busybox\",\"sleep\",\"1000\"],\"User\":\"1000\"")
                .load(engine);
        new Image("tools:latest")
                .layer(
                        new Tar()
                                .directory("bin", 0755)
                                .file("bin/busybox", program, 0755)
                                .symlink("bin/ash", "busybox")
                                .symlink("bin/cat", "busybox")
                                .file("mark", "my tools\n")
                                .bytes())
                .load(engine);
    }

    @BeforeEach
    void slim(Engine engine, Client docker) {
        engine.answersAsItself();
        corten = engine.corten();
        docker.run("run", "-d", "--name", "c1", "--hostname", "slim", "-e", "A=1", "slim");
    }

    @Test
    void theShellIsInTheContainer(Client docker) {
        Finished shell =
                corten.runWithInput(
                        "hostname; echo $A; id -u; tr '\\0' ' ' </proc/1/cmdline; echo; ls /busybox; exit 7\n"
                                .getBytes(UTF_8),
                        "debug",
                        "c1");
        assertThat(shell.err()).isEmpty();
        assertThat(shell.lines())
                .containsExactly("slim", "1", "0", "/busybox sleep 1000 ", "/busybox");
        assertThat(shell.status()).isEqualTo(7);
        assertThat(corten.ok("debug", "c1", "ip", "-4", "-o", "addr", "show", "eth0"))
                .contains(docker.ok("inspect", "-f", "{{.NetworkSettings.IPAddress}}", "c1"));
        assertThat(corten.ok("debug", "-c", "echo $((6*7))", "c1")).isEqualTo("42");
        assertThat(corten.run("debug", "c1", "sh", "-c", "echo e >&2; kill -9 $$").status())
                .isEqualTo(137);
        assertThat(corten.run("debug", "c1", "no-such-tool").status()).isEqualTo(127);
    }

    /// What the shell changes is changed; what it brought along nobody else has seen.
    @Test
    void nothingIsLeftButWhatTheShellHasMade(Client docker) {
        int pid = Integer.parseInt(docker.ok("inspect", "-f", "{{.State.Pid}}", "c1"));
        String before = mounts(pid);
        List<String> changes = docker.ok("diff", "c1").lines().toList();
        try (Running shell = corten.start("debug", "c1")) {
            shell.type("echo made >/made; which ls; echo ready\n");
            shell.out().await("ready");
            assertThat(shell.out().text()).startsWith("/proc/fs/bin/ls\n");
            assertThat(mounts(pid)).isEqualTo(before);
            shell.closeInput();
            assertThat(shell.await().status()).isZero();
        }
        assertThat(mounts(pid)).isEqualTo(before);
        assertThat(docker.ok("diff", "c1").lines()).contains("A /made").hasSize(changes.size() + 1);
        assertThat(corten.ok("debug", "c1", "cat", "/made")).isEqualTo("made");
        assertThat(docker.ok("top", "c1").lines()).hasSize(2);
    }

    private static String mounts(int pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/mountinfo"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void itCanDoNoMoreThanTheContainer(Client docker) {
        docker.ok(
                "run",
                "-d",
                "--name",
                "c2",
                "--read-only",
                "--cap-drop",
                "CHOWN",
                "busybox",
                "sleep",
                "1000");
        String status = "grep -E 'CapEff|CapBnd|Seccomp:' /proc/self/status";
        assertThat(corten.ok("debug", "-c", status, "c2"))
                .isEqualTo(docker.ok("exec", "c2", "sh", "-c", status));
        assertThat(corten.run("debug", "c2", "touch", "/x").err())
                .contains("Read-only file system");
        assertThat(corten.run("debug", "c2", "touch", "/proc/fs/x").err())
                .contains("Read-only file system");
        assertThat(corten.run("debug", "c2", "mount", "-t", "tmpfs", "x", "/proc/fs").status())
                .isNotZero();
        // No descriptor of the host's, nor of the toolbox.
        assertThat(corten.ok("debug", "c2", "sh", "-c", "ls /proc/$$/fd"))
                .isEqualTo(docker.ok("exec", "c2", "sh", "-c", "ls /proc/$$/fd"));
    }

    @Test
    void toolsAreThoseOfAnImage(Client docker) {
        assertThat(
                        corten.ok(
                                "debug",
                                "--image",
                                "tools",
                                "--shell",
                                "ash",
                                "-c",
                                "cat /proc/fs/mark",
                                "c1"))
                .isEqualTo("my tools");
        // It has no other tools.
        assertThat(corten.run("debug", "--image", "tools", "c1", "wc").status()).isEqualTo(127);
        Finished absent = corten.run("debug", "--image", "nope", "c1");
        assertThat(absent.status()).isEqualTo(1);
        assertThat(absent.err()).contains("No such image: nope");
        assertThat(docker.ok("images", "-q").lines()).hasSize(3);
    }

    @Test
    void theShellTalksOnATerminal() {
        var command =
                List.of(
                        "script",
                        "-qec",
                        String.join(" ", corten.program()) + " debug c1",
                        "/dev/null");
        try (Running terminal = Running.start(command, corten.environment())) {
            terminal.out().await("# ");
            terminal.type("tty; exit 5\n");
            terminal.out().await("/dev/pts/");
            assertThat(terminal.await().status()).isEqualTo(5);
        }
    }

    /// Its files are seen as it has left them; what the shell changes is the shell's.
    @Test
    void aStoppedContainerIsLookedAt(Client docker) {
        docker.ok(
                "run",
                "--name",
                "c2",
                "-e",
                "B=2",
                "busybox",
                "sh",
                "-c",
                "echo mine >/etc/mine; rm /etc/plain; mkdir /new; exit 1"
                        .replace("exit 1", "true"));
        docker.ok("create", "--name", "c3", "slim");
        List<String> changes = docker.ok("diff", "c2").lines().toList();
        Finished shell =
                corten.runWithInput(
                        "cat /etc/mine; ls /etc/plain; ls -d /new; echo $B; echo x >/etc/mine; exit 6\n"
                                .getBytes(UTF_8),
                        "debug",
                        "c2");
        assertThat(shell.lines()).containsExactly("mine", "/new", "2");
        assertThat(shell.err()).contains("/etc/plain: No such file or directory");
        assertThat(shell.status()).isEqualTo(6);
        assertThat(docker.ok("diff", "c2").lines()).containsExactlyElementsOf(changes);
        assertThat(corten.ok("debug", "c2", "cat", "/etc/mine")).isEqualTo("mine");
        // One that has no shell, and never ran.
        assertThat(corten.ok("debug", "c3", "sh", "-c", "which ls; ls /busybox"))
                .isEqualTo("/.corten/bin/ls\n/busybox");
        assertThat(corten.ok("debug", "--image", "tools", "c3", "cat", "/.corten/mark"))
                .isEqualTo("my tools");
        Finished absent = corten.run("debug", "c3", "no-such-tool");
        assertThat(absent.status()).isEqualTo(127);
        assertThat(absent.err()).contains("executable file not found in $PATH");
        assertThat(docker.ok("ps", "-a", "--format", "{{.Names}}").lines())
                .containsExactlyInAnyOrder("c1", "c2", "c3");
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThat(corten.run("debug", "nope").err()).contains("No such container: nope");
        assertThat(corten.run("debug", "-c", "x", "c1", "y").err())
                .isEqualTo("--command and a COMMAND cannot be used together\n");
    }
}
