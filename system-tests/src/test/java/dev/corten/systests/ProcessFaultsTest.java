package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The engine's other processes are killed, one at a time.
@ExtendWith(PrivateEngine.class)
class ProcessFaultsTest {
    private static final String STATE =
            "{{.State.Status}} {{.State.ExitCode}} {{.State.Error}} {{.State.Pid}}";

    @Test
    void whatRunsDoesNotNeedTheZygoteAndWhatStartsGetsANewOne(Engine engine, Client docker) {
        docker.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", "echo before; sleep 1000");
        long zygote = zygote(engine);
        kill(zygote);
        assertThat(docker.ok("exec", "c1", "echo", "in")).isEqualTo("in");
        assertThat(docker.ok("logs", "c1")).isEqualTo("before");
        assertThat(docker.ok("run", "--rm", "busybox", "echo", "after")).isEqualTo("after");
        assertThat(zygote(engine)).isNotEqualTo(zygote);
        docker.ok("stop", "-t", "0", "c1");
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}", "c1")).isEqualTo("exited");
    }

    @Test
    @Shows("CTR-51")
    void containerEndsWithItsMonitorAndCanBeStartedAgain(Client docker) {
        docker.ok("run", "-d", "--name", "c1", "-p", "80", "busybox", "sleep", "1000");
        docker.ok("run", "-d", "--name", "c2", "busybox", "sleep", "1000");
        try (Running wait = docker.start("wait", "c1")) {
            long init = Long.parseLong(docker.ok("inspect", "-f", "{{.State.Pid}}", "c1"));
            kill(parent(init));
            assertThat(wait.await().out()).isEqualTo("137\n");
            assertThat(Belongings.commandLine(init)).as("the container's process").isEmpty();
        }
        assertThat(docker.ok("inspect", "-f", STATE, "c1")).isEqualTo("exited 137 monitor lost 0");
        assertThat(docker.ok("exec", "c2", "echo", "other")).isEqualTo("other");
        docker.ok("start", "c1");
        assertThat(docker.ok("exec", "c1", "echo", "again")).isEqualTo("again");
        assertThat(docker.ok("inspect", "-f", "{{.State.Status}}{{.State.Error}}", "c1"))
                .isEqualTo("running");
    }

    @Test
    void monitorThatDiesWithoutADaemonIsFoundByTheNext(Engine engine, Client docker) {
        docker.ok("run", "-d", "--name", "c1", "-p", "80", "busybox", "sleep", "1000");
        long init = Long.parseLong(docker.ok("inspect", "-f", "{{.State.Pid}}", "c1"));
        engine.kill();
        kill(parent(init));
        Eventually.holds("the container ends", () -> Belongings.commandLine(init).isEmpty());
        engine.open();
        assertThat(docker.ok("inspect", "-f", STATE, "c1")).isEqualTo("exited 137 monitor lost 0");
        docker.ok("start", "c1");
        assertThat(docker.ok("exec", "c1", "echo", "again")).isEqualTo("again");
    }

    private static long zygote(Engine engine) {
        List<Long> found =
                ProcessHandle.of(engine.pid())
                        .orElseThrow()
                        .children()
                        .map(ProcessHandle::pid)
                        .filter(pid -> Belongings.commandLine(pid).contains("zygote"))
                        .toList();
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private static long parent(long pid) {
        return ProcessHandle.of(pid).orElseThrow().parent().orElseThrow().pid();
    }

    private static void kill(long pid) {
        Running.run("kill", "-9", Long.toString(pid)).ok();
        Eventually.holds("it ends", () -> Belongings.commandLine(pid).isEmpty());
    }
}
