package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `corten build --debug-shell`: a shell where a step failed, of which nothing is left, whoever ends.
@ExtendWith(PrivateEngine.class)
class BuildShellTest {
    private static final String[] FILE = {
        "FROM busybox",
        "RUN echo before > /here",
        "ENV WHO=me",
        "WORKDIR /work",
        "RUN echo half > /half; echo it fails; exit 5"
    };

    /// What containers and images without a name there are.
    private static String left(Engine engine) {
        return engine.docker().ok("ps", "-aq")
                + engine.docker().ok("images", "-q", "--filter", "dangling=true");
    }

    private static Running open(BuildFolder build) {
        build.dockerfile(FILE);
        Running shell = build.start("--debug-shell");
        shell.err().await("A shell in the state before the step that failed");
        return shell;
    }

    @Test
    void aShellIsOpenedAndLeavesNothing(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten");
                Running shell = open(build)) {
            shell.type("cat /here; pwd; echo $WHO; ls /half; echo $((40+2))\n");
            shell.out().await("42");
            assertThat(shell.out().text()).contains("before", "/work", "me", "No such file");
            shell.type("exit 9\n");
            Finished ended = shell.await();
            // The build has failed, whatever the shell says.
            assertThat(ended.status()).isEqualTo(5);
            assertThat(ended.err()).contains("it fails").doesNotContain("not removed");
        }
        assertThat(left(engine)).isEmpty();
    }

    @Test
    void aClientThatIsKilledLeavesNothing(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten");
                Running shell = open(build)) {
            shell.type("echo $((40+2)); sleep 74741\n");
            shell.out().await("42");
            Running.run("kill", "-9", Long.toString(shell.pid())).ok();
        }
        Eventually.get("nothing is left", () -> left(engine), String::isEmpty);
    }

    @Test
    void aClientThatIsKilledBeforeItAttachesLeavesNothing(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile(FILE);
            try (Running shell = build.start("--debug-shell")) {
                shell.err().await("it fails");
                Running.run("kill", "-9", Long.toString(shell.pid())).ok();
            }
            Eventually.get("nothing is left", () -> left(engine), String::isEmpty);
        }
    }

    @Test
    void severalShellsAndOtherBuilds(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten");
                var other = BuildFolder.of(engine, "corten");
                Running one = open(build);
                Running two = open(other)) {
            one.type("echo one > /mine; echo $((40+2))\n");
            one.out().await("42");
            two.type("ls /mine; echo $((40+3))\n");
            two.out().await("43");
            assertThat(two.out().text()).contains("No such file");
            try (var third = BuildFolder.of(engine, "corten")) {
                third.dockerfile("FROM busybox", "RUN echo third");
                third.build().ok();
            }
            engine.docker().ok("builder", "prune", "-af");
            engine.docker().ok("image", "prune", "-f");
            two.type("exit\n");
            assertThat(two.await().status()).isEqualTo(5);
            one.type("cat /here /mine\n");
            one.out().await("before\r\none");
            one.type("exit\n");
            assertThat(one.await().status()).isEqualTo(5);
        }
        assertThat(left(engine)).isEmpty();
    }

    /// Two builds that need the same step at the same time share it, and its failure.
    @Test
    void bothOfTwoThatShareAStepGetAShell(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile("FROM busybox", "RUN echo shared; sleep 2; exit 6");
            try (Running one = build.start("--debug-shell")) {
                one.err().await(" shared");
                try (Running two = build.start("--debug-shell")) {
                    for (Running shell : List.of(one, two)) {
                        shell.err().await("A shell in the state before the step that failed");
                        shell.type("exit\n");
                        assertThat(shell.await().status()).isEqualTo(6);
                    }
                }
            }
        }
        assertThat(left(engine)).isEmpty();
    }

    @Test
    void theDaemonIsKilledWhileAShellIsOpen(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten");
                Running shell = open(build)) {
            shell.type("echo $((40+2))\n");
            shell.out().await("42");
            engine.kill();
            engine.open();
            shell.type("exit\n");
            assertThat(shell.await().status()).isNotZero();
        }
        Eventually.get(
                "no container is left", () -> engine.docker().ok("ps", "-aq"), String::isEmpty);
        engine.docker().ok("image", "prune", "-f");
    }
}
