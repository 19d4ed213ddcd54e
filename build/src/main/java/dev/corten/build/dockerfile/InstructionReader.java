package dev.corten.build.dockerfile;

import dev.corten.model.Suggestions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tells the arguments of a statement apart.
final class InstructionReader {
    static final List<String> NAMES =
            List.of(
                    "ADD",
                    "ARG",
                    "CMD",
                    "COPY",
                    "ENTRYPOINT",
                    "ENV",
                    "EXPOSE",
                    "FROM",
                    "HEALTHCHECK",
                    "LABEL",
                    "MAINTAINER",
                    "ONBUILD",
                    "RUN",
                    "SHELL",
                    "STOPSIGNAL",
                    "USER",
                    "VOLUME",
                    "WORKDIR");
    private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9-_.]*");
    private static final Set<String> NETWORKS = Set.of("default", "none", "host");
    private static final Set<String> SECURITY = Set.of("sandbox", "insecure");

    private final char escape;

    InstructionReader(char escape) {
        this.escape = escape;
    }

    Instruction read(Statement statement) throws DockerfileException {
        return switch (statement.name()) {
            case "ADD" -> add(statement);
            case "ARG" -> arg(statement);
            case "CMD" -> {
                FlagSet.none(statement);
                yield new Instruction.Cmd(statement, command(statement, statement.arguments()));
            }
            case "COPY" -> copy(statement);
            case "ENTRYPOINT" -> {
                FlagSet.none(statement);
                yield new Instruction.Entrypoint(
                        statement, command(statement, statement.arguments()));
            }
            case "ENV" ->
                    new Instruction.Env(statement, assignments(statement), isOldForm(statement));
            case "EXPOSE" -> {
                List<String> ports = Words.plain(some(statement)).stream().sorted().toList();
                yield new Instruction.Expose(statement, ports);
            }
            case "FROM" -> from(statement);
            case "HEALTHCHECK" ->
                    new Instruction.Healthcheck(statement, new HealthcheckReader(statement).read());
            case "LABEL" ->
                    new Instruction.Label(statement, assignments(statement), isOldForm(statement));
            case "MAINTAINER" -> new Instruction.Maintainer(statement, one(statement));
            case "ONBUILD" -> onBuild(statement);
            case "RUN" -> run(statement);
            case "SHELL" -> shell(statement);
            case "STOPSIGNAL" -> new Instruction.StopSignal(statement, one(statement));
            case "USER" -> new Instruction.User(statement, one(statement));
            case "VOLUME" -> volume(statement);
            case "WORKDIR" -> new Instruction.Workdir(statement, one(statement));
            default -> throw unknown(statement);
        };
    }

    private static DockerfileException unknown(Statement statement) {
        String near = Suggestions.nearest(statement.name(), NAMES, FlagSet.NEAR);
        String keyword = statement.keyword();
        boolean lower = keyword.equals(keyword.toLowerCase(Locale.ROOT));
        near = lower ? near.toLowerCase(Locale.ROOT) : near;
        return statement.wrong(
                "unknown instruction: "
                        + keyword
                        + (near.isEmpty() ? "" : " (did you mean " + near + "?)"));
    }

    private static String some(Statement statement) throws DockerfileException {
        FlagSet.none(statement);
        if (statement.arguments().isEmpty()) {
            throw statement.wrong(statement.name() + " requires at least one argument");
        }
        return statement.arguments();
    }

    private static String one(Statement statement) throws DockerfileException {
        FlagSet.none(statement);
        if (statement.arguments().isEmpty()) {
            throw statement.wrong(statement.name() + " requires exactly one argument");
        }
        return statement.arguments();
    }

    /// The JSON form, if it is one.
    static Optional<List<String>> json(Statement statement, String arguments)
            throws DockerfileException {
        Optional<JsonForm> json = JsonForm.read(arguments);
        if (json.isPresent() && !json.get().onlyStrings()) {
            throw statement.unreadable(
                    "when using JSON array syntax, arrays must be comprised of strings only");
        }
        return json.map(JsonForm::words);
    }

    static CommandLine command(Statement statement, String arguments) throws DockerfileException {
        Optional<List<String>> json = json(statement, arguments);
        if (json.isPresent()) {
            return new CommandLine(json.get(), false);
        }
        return new CommandLine(arguments.isEmpty() ? List.of() : List.of(arguments), true);
    }

    private static Instruction from(Statement statement) throws DockerfileException {
        List<String> words = Words.plain(statement.arguments());
        boolean named = words.size() == 3 && words.get(1).equalsIgnoreCase("as");
        String writtenName = named ? words.get(2) : "";
        String name = writtenName.toLowerCase(Locale.ROOT);
        if (named && !STAGE_NAME.matcher(name).matches()) {
            throw statement.wrong(
                    "invalid name for build stage: \""
                            + writtenName
                            + "\", name can't start with a number or contain symbols");
        }
        if (!named && words.size() != 1) {
            throw statement.wrong("FROM requires either one or three arguments");
        }
        FlagSet flags = FlagSet.read(statement, Set.of(), Set.of("platform"), Set.of());
        return new Instruction.From(
                statement,
                words.getFirst(),
                Optional.ofNullable(flags.value("platform")),
                named ? Optional.of(name) : Optional.empty(),
                writtenName,
                named ? words.get(1) : "",
                comment(statement, name));
    }

    /// What the comment above says of a name.
    private static String comment(Statement statement, String name) {
        if (name.isEmpty()) {
            return "";
        }
        return statement.comments().stream()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElse("");
    }

    private Instruction arg(Statement statement) throws DockerfileException {
        var assignments = new ArrayList<Assignment>();
        for (String word : Words.quoted(some(statement), escape)) {
            int equals = word.indexOf('=');
            if (equals == 0) {
                throw statement.wrong("ARG names can not be blank");
            }
            String name = equals < 0 ? word : word.substring(0, equals);
            assignments.add(
                    new Assignment(
                            name,
                            equals < 0 ? null : word.substring(equals + 1),
                            comment(statement, name)));
        }
        return new Instruction.Arg(statement, List.copyOf(assignments));
    }

    /// `ENV name value`: the first word has no `=`.
    private boolean isOldForm(Statement statement) {
        List<String> words = Words.quoted(statement.arguments(), escape);
        return !words.isEmpty() && !words.getFirst().contains("=");
    }

    private List<Assignment> assignments(Statement statement) throws DockerfileException {
        String arguments = some(statement);
        if (isOldForm(statement)) {
            String[] parts = arguments.split("[\\t\\x0B\\f\\r ]+", 2);
            if (parts.length < 2) {
                throw statement.unreadable(statement.name() + " must have two arguments");
            }
            return List.of(new Assignment(parts[0], parts[1], ""));
        }
        var assignments = new ArrayList<Assignment>();
        for (String word : Words.quoted(arguments, escape)) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                throw statement.unreadable(
                        "Syntax error - can't find = in \""
                                + word.replace("\\", "\\\\").replace("\"", "\\\"")
                                + "\". Must be of the form: name=value");
            }
            if (equals == 0) {
                throw statement.wrong(statement.name() + " names can not be blank");
            }
            assignments.add(
                    new Assignment(word.substring(0, equals), word.substring(equals + 1), ""));
        }
        return List.copyOf(assignments);
    }

    private static Instruction run(Statement statement) throws DockerfileException {
        FlagSet flags =
                FlagSet.read(
                        statement,
                        Set.of(),
                        Set.of("network", "security"),
                        Set.of("mount", "device"));
        String network = oneOf(statement, flags, "network", NETWORKS, "default");
        String security = oneOf(statement, flags, "security", SECURITY, "sandbox");
        var mounts = new ArrayList<RunMount.Written>();
        for (Flag flag : flags.all("mount")) {
            String value = flag.value();
            if (value != null) {
                var mount = new RunMount.Written(value, statement, flag.position());
                mount.from(); // refuses variables
                mounts.add(mount);
            }
        }
        return new Instruction.Run(
                statement,
                command(statement, statement.arguments()),
                List.copyOf(mounts),
                network,
                security,
                flags.list("device"));
    }

    private static String oneOf(
            Statement statement, FlagSet flags, String name, Set<String> allowed, String otherwise)
            throws DockerfileException {
        String value = flags.value(name);
        if (value == null) {
            return otherwise;
        }
        if (!allowed.contains(value)) {
            String near = Suggestions.nearest(value, allowed);
            throw statement.wrong(
                    flags.all(name).getLast(),
                    (name.equals("network") ? "invalid network mode " : "security ")
                            + "\""
                            + value
                            + "\""
                            + (name.equals("network") ? "" : " is not valid")
                            + (near.isEmpty() ? "" : " (did you mean " + near + "?)"));
        }
        return value;
    }

    private Instruction copy(Statement statement) throws DockerfileException {
        FlagSet flags =
                FlagSet.read(
                        statement,
                        Set.of("link", "parents"),
                        Set.of("from", "chown", "chmod"),
                        Set.of("exclude"));
        return new Instruction.Copy(
                statement,
                sources(statement),
                flags.value("from"),
                flags.text("chown"),
                flags.text("chmod"),
                isOn(flags, "link"),
                isOn(flags, "parents"),
                flags.list("exclude"));
    }

    private Instruction add(Statement statement) throws DockerfileException {
        FlagSet flags =
                FlagSet.read(
                        statement,
                        Set.of("link", "keep-git-dir", "unpack"),
                        Set.of("chown", "chmod", "checksum"),
                        Set.of("exclude"));
        return new Instruction.Add(
                statement,
                sources(statement),
                flags.text("chown"),
                flags.text("chmod"),
                isOn(flags, "link"),
                flags.text("checksum"),
                flags.isOn("keep-git-dir"),
                flags.isOn("unpack"),
                flags.list("exclude"));
    }

    private static boolean isOn(FlagSet flags, String name) throws DockerfileException {
        return Boolean.TRUE.equals(flags.isOn(name));
    }

    private static Sources sources(Statement statement) throws DockerfileException {
        List<String> words =
                json(statement, statement.arguments())
                        .orElseGet(() -> Words.plain(statement.arguments()));
        if (words.size() < 2) {
            throw statement.wrong(
                    statement.name()
                            + " requires at least two arguments, but only one was provided."
                            + " Destination could not be determined");
        }
        if (HeredocMark.of(words.getLast()).isPresent()) {
            throw statement.wrong(statement.name() + " cannot accept a heredoc as a destination");
        }
        Map<String, Heredoc> heredocs = new LinkedHashMap<>();
        statement.heredocs().forEach(h -> heredocs.put(h.name(), h));
        var paths = new ArrayList<String>();
        var documents = new ArrayList<Heredoc>();
        for (String word : words.subList(0, words.size() - 1)) {
            @Nullable Heredoc heredoc =
                    HeredocMark.of(word).map(mark -> heredocs.get(mark.name())).orElse(null);
            if (heredoc == null) {
                paths.add(word);
            } else {
                documents.add(heredoc);
            }
        }
        return new Sources(paths, documents, words.getLast());
    }

    private static Instruction volume(Statement statement) throws DockerfileException {
        String arguments = some(statement);
        List<String> words = json(statement, arguments).orElseGet(() -> Words.plain(arguments));
        if (words.isEmpty()) {
            throw statement.wrong("VOLUME requires at least one argument");
        }
        if (words.stream().anyMatch(String::isBlank)) {
            throw statement.wrong("VOLUME specified can not be an empty string");
        }
        return new Instruction.Volume(statement, words.stream().map(String::strip).toList());
    }

    private static Instruction shell(Statement statement) throws DockerfileException {
        FlagSet.none(statement);
        Optional<List<String>> json = json(statement, statement.arguments());
        if (json.isEmpty() && !statement.arguments().isEmpty()) {
            throw statement.wrong("SHELL requires the arguments to be in JSON form");
        }
        List<String> words = json.orElse(List.of());
        if (words.isEmpty()) {
            throw statement.wrong("SHELL requires at least one argument");
        }
        return new Instruction.Shell(statement, words);
    }

    private Instruction onBuild(Statement statement) throws DockerfileException {
        String trigger = some(statement);
        FlagReader.Line line =
                new FlagReader(statement.source(), statement.lastLine(), escape)
                        .split(statement.argumentsAt());
        Statement inner =
                statement.within(
                        line.keyword(), line.flags(), line.arguments(), line.argumentsAt());
        switch (inner.name()) {
            case "ONBUILD" ->
                    throw statement.wrong("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
            case "MAINTAINER", "FROM" ->
                    throw statement.wrong(inner.name() + " isn't allowed as an ONBUILD trigger");
            default -> {}
        }
        var written = new StringBuilder(trigger);
        for (Heredoc heredoc : statement.heredocs()) {
            written.append('\n').append(heredoc.content()).append(heredoc.name());
        }
        return new Instruction.OnBuild(statement, written.toString(), read(inner));
    }
}
