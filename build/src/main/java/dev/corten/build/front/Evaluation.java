package dev.corten.build.front;

import dev.corten.build.check.Rule;
import dev.corten.build.check.Warnings;
import dev.corten.build.dockerfile.Assignment;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.ShellWords;
import dev.corten.build.dockerfile.Stage;
import dev.corten.build.dockerfile.Statement;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.Suggestions;
import dev.corten.model.image.ImageConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Finds out what the variables of a Dockerfile are worth, instruction by instruction. For one
/// build; not thread-safe.
public final class Evaluation {
    private final Dockerfile file;
    private final BuildArguments arguments;
    private final Warnings warnings;
    private final Predicate<String> isSignal;
    private final boolean classic;

    /// Those before the first stage, and what a builder knows by itself.
    private final Map<String, String> globals = new LinkedHashMap<>();

    /// The same if nobody had given an argument.
    private final Map<String, String> defaults = new LinkedHashMap<>();

    private final Set<String> declared = new LinkedHashSet<>();

    /// @param isSignal whether a signal has this name or number
    /// @param classic whether arguments end with their stage, as with Docker's classic builder
    public Evaluation(
            Dockerfile file,
            BuildArguments arguments,
            Warnings warnings,
            Predicate<String> isSignal,
            boolean classic)
            throws DockerfileException {
        this.file = file;
        this.arguments = arguments;
        this.warnings = warnings;
        this.isSignal = isSignal;
        this.classic = classic;
        globals.putAll(arguments.platforms());
        defaults.putAll(arguments.platforms());
        for (Instruction.Arg arg : file.globals()) {
            for (Assignment assignment : arg.assignments()) {
                declare(arg.statement(), assignment);
            }
        }
    }

    private void declare(Statement statement, Assignment assignment) throws DockerfileException {
        String name = assignment.name();
        String written = assignment.value();
        declared.add(name);
        if (written != null) {
            globals.put(name, word(statement, written, globals).text());
            defaults.put(name, word(statement, written, defaults).text());
        }
        String given = arguments.take(name);
        if (given != null) {
            globals.put(name, given);
        }
    }

    private ShellWords.Expanded word(
            Statement statement, String written, Map<String, String> values)
            throws DockerfileException {
        try {
            return new ShellWords(file.escape(), values::get).word(written);
        } catch (ShellWords.Malformed e) {
            throw statement.cannot(e.complaint());
        }
    }

    /// What a stage begins with.
    ///
    /// @param name of an image, or of a stage
    public record Base(String name, Optional<Platform> platform) {}

    public Base base(Stage stage) throws DockerfileException {
        Instruction.From from = stage.from();
        Statement statement = from.statement();
        ShellWords.Expanded name = word(statement, from.base(), globals);
        undeclared(statement, name.unset());
        defaultName(from);
        if (name.text().isBlank()) {
            throw statement.cannot("base name (" + from.base() + ") should not be blank");
        }
        Optional<Platform> platform = Optional.empty();
        if (from.platform().isPresent()) {
            ShellWords.Expanded value = word(statement, from.platform().get(), globals);
            undeclared(statement, value.unset());
            if (value.text().isEmpty()) {
                throw statement.cannot(
                        "empty platform value from expression " + from.platform().get());
            }
            platform = Optional.of(Platform.parse(value.text()));
        }
        return new Base(name.text(), platform);
    }

    /// The name that a stage begins with, for whoever wants to know whether it is a stage.
    public String baseName(Stage stage) throws DockerfileException {
        return word(stage.from().statement(), stage.from().base(), globals).text();
    }

    private void undeclared(Statement statement, Collection<String> unset) {
        for (String variable : unset) {
            if (!declared.contains(variable)) {
                warnings.add(
                        Rule.UNDEFINED_ARG_IN_FROM,
                        statement,
                        "FROM argument '"
                                + variable
                                + "' is not declared"
                                + didYouMean("", Suggestions.nearest(variable, globals.keySet())));
            }
        }
    }

    /// Somebody who gives no argument should get an image too.
    private void defaultName(Instruction.From from) throws DockerfileException {
        String name = word(from.statement(), from.base(), defaults).text();
        boolean usable = !name.isBlank();
        if (usable) {
            try {
                Reference.parse(name);
            } catch (InvalidParameter e) {
                usable = false;
            }
        }
        if (!usable) {
            warnings.add(
                    Rule.INVALID_DEFAULT_ARG_IN_FROM,
                    from.statement(),
                    "Default value for ARG "
                            + from.base()
                            + " results in empty or invalid base image name");
        }
    }

    /// The steps of a stage.
    ///
    /// @param config of the image that it begins with
    /// @param before the variables of the stage that it begins with, if it is one
    public StageSteps steps(Stage stage, ImageConfig config, @Nullable Variables before)
            throws DockerfileException {
        Variables variables =
                before == null || classic
                        ? Variables.of(config.env())
                        : before.inherited(config.env());
        var steps = new ArrayList<Step>();
        ImageConfig current = config;
        List<String> triggers = config.onBuild();
        if (triggers != null && !triggers.isEmpty()) {
            var editor = config.edit();
            editor.onBuild = null;
            current = editor.done();
            for (String trigger : triggers) {
                current = step(Dockerfile.trigger(trigger), current, variables, true, steps);
            }
        }
        for (Instruction instruction : stage.instructions()) {
            current = step(instruction, current, variables, false, steps);
        }
        return new StageSteps(List.copyOf(steps), current, variables);
    }

    /// @return the configuration after it
    private ImageConfig step(
            Instruction written,
            ImageConfig config,
            Variables variables,
            boolean triggered,
            List<Step> steps)
            throws DockerfileException {
        List<String> known = variables.arguments(!classic);
        Map<String, String> environment = variables.environment();
        Instruction instruction = expanded(written, variables);
        Statement statement = written.statement();
        switch (instruction) {
            case Instruction.Env env -> {
                for (Assignment assignment : env.assignments()) {
                    String value = assignment.value();
                    variables.set(assignment.name(), value == null ? "" : value);
                }
            }
            case Instruction.Arg arg -> {
                var assignments = new ArrayList<Assignment>();
                for (Assignment assignment : arg.assignments()) {
                    assignments.add(argument(statement, assignment, variables));
                }
                instruction = new Instruction.Arg(statement, List.copyOf(assignments));
            }
            case Instruction.Workdir workdir -> {
                if (!workdir.path().startsWith("/") && config.workingDir().isEmpty()) {
                    warnings.add(
                            Rule.WORKDIR_RELATIVE_PATH,
                            statement,
                            "Relative workdir \""
                                    + workdir.path()
                                    + "\" can have unexpected results if the base image changes");
                }
            }
            case Instruction.StopSignal stop -> {
                if (!isSignal.test(stop.signal())) {
                    throw statement.cannot("invalid signal: " + stop.signal());
                }
            }
            default -> {}
        }
        ImageConfig after;
        try {
            after = commands(ConfigStep.apply(config, instruction), instruction, steps);
        } catch (InvalidParameter e) {
            throw statement.cannot(e.message());
        }
        if (instruction instanceof Instruction.Entrypoint
                && steps.stream().noneMatch(s -> s.instruction() instanceof Instruction.Cmd)) {
            // What the base image gives to its own program is nothing for this one.
            var editor = after.edit();
            editor.cmd = null;
            after = editor.done();
        }
        steps.add(new Step(instruction, after, known, environment, triggered));
        return after;
    }

    /// An `ENTRYPOINT` takes the command of the stage's base away, but not one of the stage's own.
    private ImageConfig commands(ImageConfig config, Instruction instruction, List<Step> before) {
        var editor = config.edit();
        if (instruction instanceof Instruction.Entrypoint
                && before.stream().noneMatch(s -> s.instruction() instanceof Instruction.Cmd)) {
            editor.cmd = null;
        }
        if (instruction instanceof Instruction.Cmd && !classic) {
            // Of Windows; BuildKit says so of every image whose CMD it has set.
            editor.argsEscaped = true;
        }
        return editor.done();
    }

    private Instruction expanded(Instruction written, Variables variables)
            throws DockerfileException {
        Expander.Expanded expanded = Expander.expand(written, file.escape(), variables);
        undefined(written.statement(), expanded.unset(), variables);
        return expanded.instruction();
    }

    private void undefined(Statement statement, Collection<String> unset, Variables variables) {
        for (String variable : unset) {
            if (!variables.isDeclared(variable)) {
                String near = Suggestions.nearest(variable, variables.names());
                warnings.add(
                        Rule.UNDEFINED_VAR,
                        statement,
                        "Usage of undefined variable '$" + variable + "'" + didYouMean("$", near));
            }
        }
    }

    private static String didYouMean(String prefix, String near) {
        return near.isEmpty() ? "" : " (did you mean " + prefix + near + "?)";
    }

    /// What was given counts most, then what the instruction says, then what stands before the
    /// first stage.
    private Assignment argument(Statement statement, Assignment written, Variables variables)
            throws DockerfileException {
        String name = written.name();
        String value = arguments.take(name);
        String otherwise = written.value();
        if (otherwise != null) {
            try {
                ShellWords.Expanded expanded =
                        new ShellWords(file.escape(), variables::get).word(otherwise);
                undefined(statement, expanded.unset(), variables);
                otherwise = expanded.text();
            } catch (ShellWords.Malformed e) {
                throw statement.cannot(e.complaint());
            }
        }
        if (value == null) {
            value = otherwise == null ? globals.get(name) : otherwise;
        }
        variables.declare(name, value);
        return new Assignment(name, value, written.comment());
    }
}
