package dev.corten.build.graph;

import dev.corten.build.dockerfile.Assignment;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.ShellWords;
import dev.corten.build.front.ConfigStep;
import dev.corten.build.front.Step;
import dev.corten.model.container.HealthConfig;
import dev.corten.model.image.ImageConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How Docker's classic builder writes a step into an image's history: as the command of the
/// container that it would have used. Joined by blanks it is what people see.
public final class ClassicHistory {
    private static final String NOTHING_TO_RUN = "#(nop) ";

    private ClassicHistory() {}

    /// Of a step that changes the configuration only.
    public static List<String> ofConfig(Step step, char escape) {
        ImageConfig config = step.config();
        String text =
                switch (step.instruction()) {
                    case Instruction.Env env -> "ENV " + assignments(env.assignments());
                    case Instruction.Label label -> "LABEL " + assignments(label.assignments());
                    case Instruction.Arg arg -> "ARG " + written(step, arg, escape);
                    case Instruction.Maintainer maintainer -> "MAINTAINER " + maintainer.name();
                    case Instruction.Cmd _ -> "CMD " + quoted(config.cmd());
                    case Instruction.Entrypoint _ -> "ENTRYPOINT " + quoted(config.entrypoint());
                    case Instruction.Expose expose -> "EXPOSE " + String.join(" ", expose.ports());
                    case Instruction.Volume volume -> "VOLUME " + list(volume.paths());
                    case Instruction.User user -> "USER " + user.user();
                    case Instruction.StopSignal stop -> "STOPSIGNAL " + stop.signal();
                    case Instruction.Shell shell -> "SHELL " + list(shell.words());
                    case Instruction.Healthcheck health -> "HEALTHCHECK " + health(health.check());
                    case Instruction.OnBuild trigger -> "ONBUILD " + trigger.trigger();
                    case Instruction.Workdir _ -> "";
                    case Instruction.From _,
                            Instruction.Run _,
                            Instruction.Copy _,
                            Instruction.Add _ ->
                            throw new IllegalArgumentException(
                                    step.instruction().statement().name() + " makes files");
                };
        return step.instruction() instanceof Instruction.Workdir
                ? shell(config, NOTHING_TO_RUN + "WORKDIR " + config.workingDir())
                : shell(config, NOTHING_TO_RUN, text);
    }

    /// Of `--label`.
    public static List<String> ofLabel(ImageConfig config, String name, String value) {
        return shell(config, NOTHING_TO_RUN, "LABEL " + name + "=" + value);
    }

    /// Of `COPY` and `ADD`.
    ///
    /// @param sources what was copied: `file:…`, `dir:…` or `multi:…`
    public static List<String> ofFiles(Step step, String sources) {
        return switch (step.instruction()) {
            case Instruction.Copy copy ->
                    files(step, copy.chown(), sources, copy.sources().destination());
            case Instruction.Add add ->
                    files(step, add.chown(), sources, add.sources().destination());
            default -> throw new IllegalArgumentException("copies nothing");
        };
    }

    private static List<String> files(Step step, String chown, String sources, String destination) {
        String owner = chown.isEmpty() ? "" : "--chown=" + chown + " ";
        return shell(
                step.config(),
                NOTHING_TO_RUN
                        + step.instruction().statement().name()
                        + " "
                        + owner
                        + sources
                        + " in "
                        + destination
                        + " ");
    }

    /// What a `RUN` runs.
    public static List<String> run(PlannedStep step) {
        Instruction.Run run = (Instruction.Run) step.step().instruction();
        return run.command().arguments(ConfigStep.shell(step.step().config()));
    }

    /// Of `RUN`.
    ///
    /// @param command with its shell
    public static List<String> ofRun(Step step, List<String> command) {
        var inEnvironment = new TreeSet<String>();
        List<String> environment = step.config().env();
        if (environment != null) {
            environment.forEach(variable -> inEnvironment.add(variable.split("=", 2)[0]));
        }
        List<String> arguments =
                step.arguments().stream()
                        .filter(argument -> !inEnvironment.contains(argument.split("=", 2)[0]))
                        .sorted()
                        .toList();
        var all = new ArrayList<String>();
        if (!arguments.isEmpty()) {
            all.add("|" + arguments.size());
            all.addAll(arguments);
        }
        all.addAll(command);
        return List.copyOf(all);
    }

    private static List<String> shell(ImageConfig config, String... words) {
        var all = new ArrayList<>(ConfigStep.shell(config));
        all.addAll(List.of(words));
        return List.copyOf(all);
    }

    /// What the file says of an argument, whatever was given for it.
    private static String written(Step step, Instruction.Arg arg, char escape) {
        try {
            return new ShellWords(escape, step.environment()::get)
                    .word(arg.statement().arguments())
                    .text();
        } catch (ShellWords.Malformed e) {
            return assignments(arg.assignments());
        }
    }

    private static String assignments(List<Assignment> assignments) {
        return assignments.stream()
                .map(assignment -> {
                    String value = assignment.value();
                    return value == null ? assignment.name() : assignment.name() + "=" + value;
                })
                .collect(Collectors.joining(" "));
    }

    private static String list(Collection<String> words) {
        return "[" + String.join(" ", words) + "]";
    }

    /// As Go's `%q` writes a list of strings.
    private static String quoted(@Nullable List<String> words) {
        return (words == null ? List.<String>of() : words)
                .stream().map(ClassicHistory::quote).collect(Collectors.joining(" ", "[", "]"));
    }

    private static String quote(String text) {
        var quoted = new StringBuilder("\"");
        text.codePoints().forEach(c -> quoted.append(GoText.escaped(c, '"')));
        return quoted.append('"').toString();
    }

    /// As Go's `%v` writes the structure.
    private static String health(HealthConfig check) {
        return String.format(
                Locale.ROOT,
                "&{%s %s %s %s %s %d}",
                list(orEmpty(check.test())),
                duration(check.interval()),
                duration(check.timeout()),
                duration(check.startPeriod()),
                duration(check.startInterval()),
                check.retries());
    }

    private static String duration(long nanos) {
        return GoText.duration(java.time.Duration.ofNanos(nanos));
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
