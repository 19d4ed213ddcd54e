package dev.corten.build.check;

import dev.corten.build.dockerfile.Assignment;
import dev.corten.build.dockerfile.CommandLine;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.Stage;
import dev.corten.build.dockerfile.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// The rules that can be held by the text alone, without knowing what variables are worth.
public final class FileChecks {
    private static final Set<String> RESERVED = Set.of("scratch", "context");
    private static final Pattern SECRET =
            Pattern.compile(
                    "(?i)(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd"
                            + "|secret|token)(?:_|$)");
    private static final Pattern NO_SECRET = Pattern.compile("(?i)(?:_|^)public(?:_|$)");

    private final Dockerfile file;
    private final Warnings warnings;

    /// Names of stages that have chosen a shell, so that theirs is meant.
    private final Set<String> withShell = new HashSet<>();

    private FileChecks(Dockerfile file, Warnings warnings) {
        this.file = file;
        this.warnings = warnings;
    }

    public static void run(Dockerfile file, Warnings warnings) {
        new FileChecks(file, warnings).run();
    }

    private void run() {
        Set<String> names = new HashSet<>();
        for (Stage stage : file.stages()) {
            stage.from().name().ifPresent(name -> name(stage.from(), name, names));
        }
        casing();
        file.globals().forEach(this::statement);
        file.stages().forEach(this::stage);
    }

    private List<Instruction> all() {
        List<Instruction> all = new ArrayList<>(file.globals());
        for (Stage stage : file.stages()) {
            all.add(stage.from());
            all.addAll(stage.instructions());
        }
        return all;
    }

    private void casing() {
        List<Statement> statements = all().stream().map(Instruction::statement).toList();
        long lower = statements.stream().filter(s -> isLower(s.keyword())).count();
        long upper = statements.stream().filter(s -> s.keyword().equals(s.name())).count();
        for (Statement statement : statements) {
            String keyword = statement.keyword();
            if (lower > upper ? !isLower(keyword) : !keyword.equals(statement.name())) {
                warnings.add(
                        Rule.CONSISTENT_INSTRUCTION_CASING,
                        statement,
                        "Command '"
                                + keyword
                                + "' should match the case of the command majority ("
                                + (lower > upper ? "lowercase" : "uppercase")
                                + ")");
            }
        }
    }

    private static boolean isLower(String keyword) {
        return keyword.equals(keyword.toLowerCase(Locale.ROOT));
    }

    private void stage(Stage stage) {
        Instruction.From from = stage.from();
        statement(from);
        from.platform().ifPresent(platform -> platform(from, platform));
        if (withShell.contains(from.base().toLowerCase(Locale.ROOT))) {
            from.name().ifPresent(withShell::add);
        }
        Map<String, Instruction> only = new HashMap<>();
        boolean shell = withShell.contains(from.base().toLowerCase(Locale.ROOT));
        for (Instruction instruction : stage.instructions()) {
            statement(instruction);
            switch (instruction) {
                case Instruction.Shell _ -> {
                    shell = true;
                    from.name().ifPresent(withShell::add);
                }
                case Instruction.Cmd cmd -> {
                    command(cmd, cmd.command(), shell);
                    once(cmd, only);
                }
                case Instruction.Entrypoint entrypoint -> {
                    command(entrypoint, entrypoint.command(), shell);
                    once(entrypoint, only);
                }
                case Instruction.Healthcheck health -> once(health, only);
                default -> {}
            }
        }
    }

    private void name(Instruction.From from, String name, Set<String> names) {
        Statement statement = from.statement();
        if (!from.writtenName().equals(name)) {
            warnings.add(
                    Rule.STAGE_NAME_CASING,
                    statement,
                    "Stage name '" + from.writtenName() + "' should be lowercase");
        }
        if (isLower(from.as()) != isLower(statement.keyword())) {
            warnings.add(
                    Rule.FROM_AS_CASING,
                    statement,
                    "'"
                            + from.as()
                            + "' and '"
                            + statement.keyword()
                            + "' keywords' casing do not match");
        }
        if (!names.add(name)) {
            warnings.add(
                    Rule.DUPLICATE_STAGE_NAME,
                    statement,
                    "Duplicate stage name \"" + name + "\", stage names should be unique");
        }
        if (RESERVED.contains(name)) {
            warnings.add(
                    Rule.RESERVED_STAGE_NAME,
                    statement,
                    "Stage name should not use the same name as reserved stage \"" + name + "\"");
        }
        describes(from.statement(), "FROM", name, from.comment());
    }

    private void platform(Instruction.From from, String platform) {
        if (platform.equals("$TARGETPLATFORM") || platform.equals("${TARGETPLATFORM}")) {
            warnings.add(
                    Rule.REDUNDANT_TARGET_PLATFORM,
                    from.statement(),
                    "Setting platform to predefined "
                            + platform
                            + " in FROM is redundant as this is the default behavior");
        } else if (!platform.contains("$")) {
            warnings.add(
                    Rule.FROM_PLATFORM_FLAG_CONST_DISALLOWED,
                    from.statement(),
                    "FROM --platform flag should not use constant value \"" + platform + "\"");
        }
    }

    private void describes(Statement statement, String instruction, String name, String comment) {
        if (!statement.comments().isEmpty() && comment.isEmpty()) {
            warnings.add(
                    Rule.INVALID_DEFINITION_DESCRIPTION,
                    statement,
                    "Comment for "
                            + instruction
                            + " should follow the format: `# "
                            + name
                            + " <description>`");
        }
    }

    private void statement(Instruction instruction) {
        Statement statement = instruction.statement();
        if (statement.emptyContinuation()) {
            warnings.addAtEnd(Rule.NO_EMPTY_CONTINUATION, statement, "Empty continuation line");
        }
        switch (instruction) {
            case Instruction.Maintainer _ ->
                    warnings.add(
                            Rule.MAINTAINER_DEPRECATED,
                            statement,
                            "Maintainer instruction is deprecated in favor of using label");
            case Instruction.Arg arg -> {
                secrets(statement, arg.assignments());
                Assignment first = arg.assignments().getFirst();
                describes(statement, "ARG", first.name(), first.comment());
            }
            case Instruction.Env env -> {
                secrets(statement, env.assignments());
                legacy(statement, env.old());
            }
            case Instruction.Label label -> legacy(statement, label.old());
            case Instruction.Expose expose -> expose.ports().forEach(p -> port(statement, p));
            default -> {}
        }
    }

    private void secrets(Statement statement, List<Assignment> assignments) {
        for (Assignment assignment : assignments) {
            String name = assignment.name();
            if (SECRET.matcher(name).find() && !NO_SECRET.matcher(name).find()) {
                warnings.add(
                        Rule.SECRETS_USED_IN_ARG_OR_ENV,
                        statement,
                        "Do not use ARG or ENV instructions for sensitive data ("
                                + statement.name()
                                + " \""
                                + name
                                + "\")");
            }
        }
    }

    private void legacy(Statement statement, boolean old) {
        if (old) {
            String name = statement.name();
            warnings.add(
                    Rule.LEGACY_KEY_VALUE_FORMAT,
                    statement,
                    "\""
                            + name
                            + " key=value\" should be used instead of legacy \""
                            + name
                            + " key value\" format");
        }
    }

    private void port(Statement statement, String port) {
        int slash = port.indexOf('/');
        String protocol = slash < 0 ? "" : port.substring(slash + 1);
        if (port.contains("$")) {
            return;
        }
        if (!protocol.equals(protocol.toLowerCase(Locale.ROOT))) {
            warnings.add(
                    Rule.EXPOSE_PROTO_CASING,
                    statement,
                    "Defined protocol '" + port + "' in EXPOSE instruction should be lowercase");
        }
        if (port.contains(":")) {
            warnings.add(
                    Rule.EXPOSE_INVALID_FORMAT,
                    statement,
                    "EXPOSE instruction should not define an IP address or host-port mapping,"
                            + " found '"
                            + port
                            + "'");
        }
    }

    private void command(Instruction instruction, CommandLine command, boolean shellChosen) {
        if (command.shell() && !command.words().isEmpty() && !shellChosen) {
            Statement statement = instruction.statement();
            warnings.add(
                    Rule.JSON_ARGS_RECOMMENDED,
                    statement,
                    "JSON arguments recommended for "
                            + statement.name()
                            + " to prevent unintended behavior related to OS signals");
        }
    }

    /// The one that is overwritten is what is wrong.
    private void once(Instruction instruction, Map<String, Instruction> only) {
        String name = instruction.statement().name();
        Instruction before = only.put(name, instruction);
        if (before != null) {
            warnings.add(
                    Rule.MULTIPLE_INSTRUCTIONS_DISALLOWED,
                    before.statement(),
                    "Multiple "
                            + name
                            + " instructions should not be used in the same stage because only"
                            + " the last one will be used");
        }
    }
}
