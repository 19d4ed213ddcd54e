package dev.corten.cli;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.completion.CompletionScript;
import dev.corten.cli.console.Console;
import dev.corten.cli.console.Environment;
import dev.corten.cli.console.Output;
import dev.corten.cli.console.SystemConsole;
import dev.corten.cli.container.CreateCommand;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.failure.UsageFailure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.setup.Globals;
import dev.corten.cli.setup.Setup;
import dev.corten.cli.setup.Version;
import dev.corten.client.DaemonUnreachable;
import dev.corten.model.CortenException;
import dev.corten.model.RawText;
import dev.corten.model.Suggestions;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The command line's entry. [#run] may be called any number of times in one process.
public final class Main {
    static final int USAGE_ERROR = 125;

    private final Console console;
    private final Environment environment;
    private final Output err;
    private final String program;
    private final Commands commands = new Commands();
    private final Help help;

    private Main(Console console, Environment environment) {
        this.console = console;
        this.environment = environment;
        this.err = new Output(console.err());
        this.program = environment.program();
        this.help = new Help(program, commands, console);
    }

    public static void main(String[] args) throws IOException {
        int status = run(rawArguments(args), new SystemConsole(), Environment.ofProcess());
        // Threads that wait for input that will never come must not keep the process.
        Runtime.getRuntime().halt(status);
    }

    /// Runs one command line.
    ///
    /// @param args in the form of [RawText]
    /// @return the exit code
    public static int run(List<String> args, Console console, Environment environment) {
        return new Main(console, environment).run(args);
    }

    /// The arguments as the kernel has them. The JVM gives text in the locale's character set, with
    /// U+FFFD for bytes that are none.
    private static List<String> rawArguments(String[] args) throws IOException {
        boolean ascii = true;
        for (String arg : args) {
            for (int i = 0; i < arg.length() && ascii; i++) {
                ascii = arg.charAt(i) < 0x80;
            }
        }
        if (ascii) {
            return Arrays.asList(args);
        }
        byte[] raw;
        try (var in = new FileInputStream("/proc/self/cmdline")) {
            raw = in.readAllBytes();
        }
        var all = new ArrayList<String>();
        int start = 0;
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == 0) {
                all.add(RawText.decode(Arrays.copyOfRange(raw, start, i)));
                start = i + 1;
            }
        }
        return all.subList(all.size() - args.length, all.size());
    }

    private int run(List<String> args) {
        try {
            return dispatch(args);
        } catch (Failure e) {
            if (!e.message().isEmpty()) {
                err.line(e.message()).flush();
            }
            return e.exitCode();
        } catch (IOException e) {
            err.line(program + ": " + e.getMessage()).flush();
            return 1;
        }
    }

    private int dispatch(List<String> args) throws IOException {
        FlagTable table = Globals.table(Setup.usualFolder(environment));
        Flags globals;
        try {
            globals = table.parse(args, false);
        } catch (UsageFailure e) {
            return misused(e.message(), "[OPTIONS] COMMAND [ARG...]", program);
        }
        if (globals.isSet("version")) {
            new Output(console.out()).line(Version.line(program)).flush();
            return 0;
        }
        List<String> words = globals.arguments();
        boolean wantsHelp = globals.wantsHelp();
        if (!words.isEmpty() && words.getFirst().equals("help")) {
            words = words.subList(1, words.size());
            wantsHelp = true;
        }
        try (var setup = new Setup(globals, environment, err)) {
            if (words.isEmpty()) {
                boolean legacy =
                        environment
                                .first("CORTEN_HIDE_LEGACY_COMMANDS", "DOCKER_HIDE_LEGACY_COMMANDS")
                                .isEmpty();
                List<Plugins.Plugin> plugins = new Plugins(setup, environment).list();
                String text = help.ofProgram(table, legacy, plugins);
                if (wantsHelp) {
                    return print(text);
                }
                err.print(text).flush();
                return 0;
            }
            setup.check();
            if (words.getFirst().startsWith(CompletionScript.COMPLETE)) {
                boolean descriptions = words.getFirst().equals(CompletionScript.COMPLETE);
                List<String> before = args.subList(0, args.size() - words.size());
                return new CompleteCommand(commands, table, before, console, environment)
                        .run(words.subList(1, words.size()), descriptions);
            }
            return find(setup, words, wantsHelp);
        }
    }

    private int print(String text) {
        new Output(console.out()).print(text).flush();
        return 0;
    }

    /// An option is wrong.
    private int misused(String message, String usage, String path) {
        String after = usage.isEmpty() ? "" : " " + usage;
        err.line(message).line("").line("Usage:  " + path + after).line("");
        err.line(more(path)).flush();
        return USAGE_ERROR;
    }

    private static String more(String path) {
        return "Run '" + path + " --help' for more information";
    }

    private int find(Setup setup, List<String> words, boolean wantsHelp) throws IOException {
        String first = words.getFirst();
        Commands.Group group = commands.group(first);
        if (group != null) {
            return inGroup(setup, group, words, wantsHelp);
        }
        Commands.Entry entry = commands.find(first);
        if (entry != null) {
            return command(setup, entry, first, words.subList(1, words.size()), wantsHelp);
        }
        var plugins = new Plugins(setup, environment);
        Plugins.Plugin plugin = plugins.find(first);
        if (plugin != null) {
            return plugins.run(plugin, words, wantsHelp);
        }
        if (wantsHelp && words.size() == 1) {
            throw new Failure("unknown help topic: " + first);
        }
        return unknown("", first);
    }

    private int inGroup(Setup setup, Commands.Group group, List<String> words, boolean wantsHelp)
            throws IOException {
        if (words.size() == 1 && !wantsHelp) {
            err.print(help.ofGroup(group)).flush();
            return 0;
        }
        String second = words.size() == 1 ? "--help" : words.get(1);
        if (second.equals("--help") || second.equals("-h")) {
            return print(help.ofGroup(group));
        }
        if (second.startsWith("-") && second.length() > 1) {
            String message =
                    second.startsWith("--")
                            ? "unknown flag: " + second
                            : "unknown shorthand flag: '" + second.charAt(1) + "' in " + second;
            return misused(message, "", program + " " + group.name());
        }
        String path = group.name() + " " + second;
        Commands.Entry entry = commands.find(path);
        if (entry == null) {
            return unknown(group.name(), second);
        }
        return command(setup, entry, path, words.subList(2, words.size()), wantsHelp);
    }

    /// @param group empty at the top
    private int unknown(String group, String word) {
        String name = group.isEmpty() ? program : program + " " + group;
        err.line(program + ": unknown command: " + name + " " + word);
        if (Expected.has(group.isEmpty() ? word : group + " " + word)) {
            err.line("").line("Docker has it; Corten does not have it yet.");
        } else {
            String near = Suggestions.nearest(word, commands.words(group));
            if (!near.isEmpty()) {
                err.line("").line("Did you mean " + near + "?");
            }
        }
        if (!group.isEmpty()) {
            err.line("").line("Usage:  " + name);
        }
        err.line("").line(more(name)).flush();
        return 1;
    }

    private int command(
            Setup setup, Commands.Entry entry, String path, List<String> args, boolean wantsHelp)
            throws IOException {
        Command command = Commands.make(entry);
        if (wantsHelp) {
            return print(help.ofCommand(path, entry, command));
        }
        String name = program + " " + path;
        Flags flags;
        try {
            flags = command.flags().parse(args, command.interspersed());
        } catch (UsageFailure e) {
            return misused(e.message(), entry.usage(), name);
        }
        if (flags.wantsHelp()) {
            return print(help.ofCommand(path, entry, command));
        }
        if (!flags.notices().isEmpty()) {
            print(flags.notices());
        }
        Arity arity = command.arity();
        String miscounted = arity.refusal(flags.arguments().size());
        if (!miscounted.isEmpty()) {
            err.line(program + ": '" + name + "' " + miscounted).line("");
            err.line(help.usage(path, entry)).line("");
            err.line(arity.isOpen() ? more(name).replace("Run '", "See '") : more(name));
            String hint = command.hint(program, flags.arguments());
            err.print(hint.isEmpty() ? "" : "\n" + hint + "\n").flush();
            return 1;
        }
        var invocation = new Invocation(program, path, flags, console, environment, setup);
        try {
            return command.run(invocation);
        } catch (CortenException e) {
            return refused(command, name, "Error response from daemon: " + e.message(), true);
        } catch (DaemonUnreachable e) {
            return refused(command, name, String.valueOf(e.getMessage()), false);
        } catch (Refusal e) {
            return refused(command, name, e.message(), false);
        }
    }

    /// Commands that start containers use the codes of a shell for what went wrong inside, so what
    /// goes wrong outside is 125, 126 or 127.
    private int refused(Command command, String name, String message, boolean byDaemon) {
        boolean plain =
                !command.startsContainers() || (byDaemon && command instanceof CreateCommand);
        if (plain) {
            err.line(message).flush();
            return 1;
        }
        err.line(program + ": " + message).line("").line(more(name)).flush();
        boolean absent =
                message.indexOf("executable file not found") >= 0
                        || message.indexOf("no such file or directory") >= 0
                        || message.indexOf("system cannot find the file specified") >= 0;
        boolean notExecutable =
                message.indexOf("permission denied") >= 0 || message.indexOf("is a directory") >= 0;
        if (!byDaemon) {
            return USAGE_ERROR;
        }
        return absent ? 127 : notExecutable ? 126 : USAGE_ERROR;
    }
}
