package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Completion as bash does it, and what it asks for.
@ExtendWith(PrivateEngine.class)
@Shows("CLI-36")
class CompletionTest {
    /// What bash would offer, for a line that is cut into words as readline does.
    private static List<String> offered(Engine engine, String line, String... words) {
        String program = Engine.program("corten").toString();
        String script =
                "source <("
                        + program
                        + " completion bash)\n"
                        + "compopt() { :; }\n"
                        + "corten() { "
                        + program
                        + " \"$@\"; }\n"
                        + "COMP_LINE=\"$1\"; shift\n"
                        + "COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1))\n"
                        + "_corten_complete; printf '%s\\n' \"${COMPREPLY[@]}\"";
        var command =
                new java.util.ArrayList<>(List.of("bash", "--norc", "-c", script, "bash", line));
        command.addAll(List.of(words));
        var variables =
                Map.of(
                        "DOCKER_HOST",
                        "unix://" + engine.socket(),
                        "HOME",
                        engine.home().toString());
        try (var running = Running.start(command, variables)) {
            running.closeInput();
            return running.await().lines();
        }
    }

    @BeforeEach
    void theEngineIsThere(Engine engine) {
        engine.answersAsItself();
    }

    @Test
    void namesThatAreThereNow(Engine engine, Client docker) {
        docker.ok("run", "-d", "--name", "one", "busybox", "sleep", "100");
        docker.ok("create", "--name", "two", "busybox");
        assertThat(offered(engine, "corten stop ", "corten", "stop", "")).containsExactly("one");
        assertThat(offered(engine, "corten rm t", "corten", "rm", "t")).containsExactly("two");
        assertThat(offered(engine, "corten run --network ", "corten", "run", "--network", ""))
                .contains("bridge", "host", "none");
        assertThat(offered(engine, "corten run busy", "corten", "run", "busy"))
                .containsExactly("busybox:latest");
        // bash has cut the word at the colon, and replaces only what is behind it.
        assertThat(offered(engine, "corten run busybox:la", "corten", "run", "busybox", ":", "la"))
                .containsExactly("latest");
    }

    @Test
    void commandsAndOptions(Engine engine) {
        assertThat(offered(engine, "corten cont", "corten", "cont"))
                .containsExactly("container", "context");
        assertThat(offered(engine, "corten ps --no", "corten", "ps", "--no"))
                .containsExactly("--no-trunc");
        assertThat(offered(engine, "corten run --pull=al", "corten", "run", "--pull", "=", "al"))
                .containsExactly("always");
    }

    @Test
    void fishOffersTheSame(Engine engine, Client docker) {
        Machine.hasProgram("fish");
        docker.ok("run", "-d", "--name", "one", "busybox", "sleep", "100");
        assertThat(fish(engine, "corten stop ")).containsExactly("one");
        assertThat(fish(engine, "corten cont"))
                .containsExactly("container\tManage containers", "context\tManage contexts");
        assertThat(fish(engine, "corten run --pull=al")).containsExactly("--pull=always");
        assertThat(fish(engine, "corten load -i /etc/hostn")).containsExactly("/etc/hostname");
    }

    private static List<String> fish(Engine engine, String line) {
        var command =
                List.of(
                        "fish",
                        "-N",
                        "-c",
                        "corten completion fish | source; complete -C '" + line + "'");
        try (var running = Running.start(command, ownPath(engine))) {
            running.closeInput();
            return running.await().lines();
        }
    }

    /// Who types `corten` gets the one under test.
    private static Map<String, String> ownPath(Engine engine) {
        return Map.of(
                "DOCKER_HOST",
                "unix://" + engine.socket(),
                "HOME",
                engine.home().toString(),
                "TERM",
                "dumb",
                "PATH",
                Engine.program("corten").getParent() + ":" + System.getenv("PATH"));
    }

    @Test
    void zshCompletesALineAsItIsTyped(Engine engine, Client docker) {
        Machine.hasProgram("zsh");
        docker.ok("run", "-d", "--name", "one", "busybox", "sleep", "100");
        var shell = List.of("script", "-qec", "zsh -f -i", "/dev/null");
        try (var running = Running.start(shell, ownPath(engine))) {
            running.type(
                    "PS1='> '; autoload -U compinit; compinit -u -D;"
                            + " source <(corten completion zsh); echo rea''dy\n");
            running.out().await("ready\r");
            // What is completed is run, so that only its effect tells.
            running.type("corten insp\t-f 'the name is {{.Name}}' on\t\n");
            running.out().await("the name is /one");
            running.type("corten ps --no-tr\t--format 'all of {{.ID}}'\n");
            running.out().await("all of " + docker.ok("inspect", "-f", "{{.Id}}", "one"));
            running.type("exit\n");
            assertThat(running.await().status()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "bash,complete -F",
        "zsh,compdef",
        "fish,complete -c",
        "powershell,ArgumentCompleter"
    })
    void eachShellHasAScript(String shell, String contains, Engine engine) {
        assertThat(engine.corten().ok("completion", shell)).contains(contains, "__complete");
    }
}
