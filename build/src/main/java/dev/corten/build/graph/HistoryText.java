package dev.corten.build.graph;

import dev.corten.build.dockerfile.Assignment;
import dev.corten.build.dockerfile.Heredoc;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.Sources;
import dev.corten.build.front.ConfigStep;
import dev.corten.build.front.Step;
import dev.corten.model.container.HealthConfig;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How BuildKit writes a step into an image's history.
final class HistoryText {
    private static final String SUFFIX = " # buildkit";

    private HistoryText() {}

    /// @return `""` for what leaves no trace
    static String of(Step step) {
        return switch (step.instruction()) {
            case Instruction.Run run -> run(step, run);
            case Instruction.Copy copy -> files("COPY", copy.chown(), copy.chmod(), copy.sources());
            case Instruction.Add add -> files("ADD", add.chown(), add.chmod(), add.sources());
            case Instruction.Workdir _ -> "WORKDIR " + step.config().workingDir();
            case Instruction.Env env -> "ENV " + assignments(env.assignments());
            case Instruction.Label label -> "LABEL " + assignments(label.assignments());
            case Instruction.Arg arg -> "ARG " + assignments(arg.assignments());
            case Instruction.Maintainer maintainer -> "MAINTAINER " + maintainer.name();
            case Instruction.Cmd _ -> "CMD " + quoted(step.config().cmd());
            case Instruction.Entrypoint _ -> "ENTRYPOINT " + quoted(step.config().entrypoint());
            case Instruction.Expose expose -> "EXPOSE " + list(ports(expose.ports()));
            case Instruction.Volume volume -> "VOLUME " + list(volume.paths());
            case Instruction.User user -> "USER " + user.user();
            case Instruction.StopSignal stop -> "STOPSIGNAL " + stop.signal();
            case Instruction.Shell shell -> "SHELL " + list(shell.words());
            case Instruction.Healthcheck health -> "HEALTHCHECK " + health(health.check());
            case Instruction.OnBuild _, Instruction.From _ -> "";
        };
    }

    private static String run(Step step, Instruction.Run run) {
        List<String> arguments = step.arguments();
        String before =
                arguments.isEmpty()
                        ? ""
                        : "|" + arguments.size() + " " + String.join(" ", arguments) + " ";
        List<String> command = RunCommand.of(run, ConfigStep.shell(step.config())).arguments();
        return "RUN " + before + String.join(" ", command) + SUFFIX;
    }

    private static String files(String name, String chown, String chmod, Sources sources) {
        var text = new StringBuilder(name);
        if (!chown.isEmpty()) {
            text.append(" --chown=").append(chown);
        }
        if (!chmod.isEmpty()) {
            text.append(" --chmod=").append(chmod);
        }
        for (Heredoc document : sources.documents()) {
            text.append(" <<").append(document.name());
        }
        sources.paths().forEach(path -> text.append(' ').append(path));
        return text.append(' ').append(sources.destination()).append(SUFFIX).toString();
    }

    private static String assignments(List<Assignment> assignments) {
        return assignments.stream()
                .map(assignment -> {
                    String value = assignment.value();
                    return value == null ? assignment.name() : assignment.name() + "=" + value;
                })
                .collect(Collectors.joining(" "));
    }

    /// In the order of the words, which are sorted before their variables are replaced.
    private static Set<String> ports(List<String> written) {
        var ports = new LinkedHashSet<String>();
        written.forEach(port -> ports.addAll(ConfigStep.ports(port)));
        return ports;
    }

    private static String list(java.util.Collection<String> words) {
        return "[" + String.join(" ", words) + "]";
    }

    /// As Go's `%q` writes a list of strings.
    private static String quoted(@Nullable List<String> words) {
        return (words == null ? List.<String>of() : words)
                .stream().map(HistoryText::quote).collect(Collectors.joining(" ", "[", "]"));
    }

    /// As Go's `%q` writes the structure.
    private static String health(HealthConfig check) {
        return "&{"
                + quoted(check.test())
                + " "
                + duration(check.interval())
                + " "
                + duration(check.timeout())
                + " "
                + duration(check.startPeriod())
                + " "
                + duration(check.startInterval())
                + " '"
                + escaped(check.retries(), '\'')
                + "'}";
    }

    private static String duration(long nanos) {
        return quote(GoText.duration(Duration.ofNanos(nanos)));
    }

    private static String quote(String text) {
        var quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> quoted.append(escaped(c, '"')));
        return quoted.append('"').toString();
    }

    private static String escaped(int c, char quote) {
        return GoText.escaped(c, quote);
    }
}
