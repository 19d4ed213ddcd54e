package dev.corten.cli;

import dev.corten.client.DaemonUnreachable;
import dev.corten.client.Endpoint;
import dev.corten.model.CortenException;
import dev.corten.model.InvalidParameter;
import dev.corten.model.RawText;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The command line's entry. [#run] may be called any number of times in one process.
public final class Main {
    private static final int USAGE_ERROR = 125;

    private final Console console;
    private final Environment environment;
    private final Commands commands = new Commands();
    private final String program = "corten";
    private final Help help = new Help(program, commands);

    private Main(Console console, Environment environment) {
        this.console = console;
        this.environment = environment;
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

    static FlagTable globals() {
        return new FlagTable()
                .add(FlagTable.NONE, "config", FlagType.STRING, "Location of client config files")
                .add(
                        'c',
                        "context",
                        FlagType.STRING,
                        "Name of the context to use to connect to the daemon (only \"default\""
                                + " so far)")
                .add('D', "debug", FlagType.BOOL, "Enable debug mode")
                .add('H', "host", FlagType.LIST, "Daemon socket to connect to")
                .add(
                        'l',
                        "log-level",
                        FlagType.STRING,
                        "Set the logging level (\"debug\", \"info\", \"warn\", \"error\","
                                + " \"fatal\")",
                        "info")
                .add(
                        FlagTable.NONE,
                        "no-autostart",
                        FlagType.BOOL,
                        "Do not start a daemon where none answers")
                .add('v', "version", FlagType.BOOL, "Print version information and quit");
    }

    private int run(List<String> args) {
        Output err = new Output(console.err());
        try {
            return dispatch(args, err);
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

    private int dispatch(List<String> args, Output err) throws IOException {
        FlagTable table = globals();
        Flags globals;
        try {
            globals = table.parse(args, false);
        } catch (UsageFailure e) {
            err.line(e.message()).line("");
            err.line("Usage:  " + program + " [OPTIONS] COMMAND [ARG...]").line("");
            err.line("Run '" + program + " --help' for more information").flush();
            return USAGE_ERROR;
        }
        Output out = new Output(console.out());
        if (globals.isSet("version")) {
            out.line("Corten version " + Version.NUMBER).flush();
            return 0;
        }
        List<String> words = globals.arguments();
        boolean wantsHelp = globals.wantsHelp();
        if (!words.isEmpty() && words.getFirst().equals("help")) {
            words = words.subList(1, words.size());
            wantsHelp = true;
        }
        if (words.isEmpty()) {
            out.print(help.ofProgram(table)).flush();
            return 0;
        }
        String path = words.getFirst();
        int used = 1;
        Commands.Group group = commands.group(path);
        if (group != null) {
            boolean bare = words.size() == 1 || isHelp(words.get(1));
            if (bare) {
                out.print(help.ofGroup(group)).flush();
                return 0;
            }
            path += " " + words.get(1);
            used = 2;
        }
        Commands.Entry entry = commands.find(path);
        if (entry == null) {
            return unknown(group, path, err);
        }
        Command command = Commands.make(entry);
        if (wantsHelp) {
            out.print(help.ofCommand(path, entry, command)).flush();
            return 0;
        }
        return run(globals, entry, command, path, words.subList(used, words.size()), err);
    }

    private static boolean isHelp(String word) {
        return word.equals("--help") || word.equals("-h");
    }

    private int unknown(Commands.@Nullable Group group, String path, Output err) {
        String prefix = group == null ? "" : group.name();
        String word = group == null ? path : path.substring(prefix.length() + 1);
        err.line(program + ": unknown command: " + program + " " + path);
        String near = Suggestions.nearest(word, commands.words(prefix));
        if (!near.isEmpty()) {
            err.line("").line("Did you mean " + near + "?");
        }
        String name = group == null ? program : program + " " + prefix;
        if (group != null) {
            err.line("").line("Usage:  " + name + " COMMAND");
        }
        err.line("").line("Run '" + name + " --help' for more information").flush();
        return 1;
    }

    private int run(
            Flags globals,
            Commands.Entry entry,
            Command command,
            String path,
            List<String> args,
            Output err)
            throws IOException {
        Flags flags;
        try {
            flags = command.flags().parse(args, command.interspersed());
        } catch (UsageFailure e) {
            err.line(e.message()).line("").line(help.usage(path, entry)).line("");
            err.line(more(path)).flush();
            return USAGE_ERROR;
        }
        if (flags.wantsHelp()) {
            new Output(console.out()).print(help.ofCommand(path, entry, command)).flush();
            return 0;
        }
        String arity = arity(command, flags.arguments().size());
        if (!arity.isEmpty()) {
            err.line(program + ": '" + program + " " + path + "' " + arity).line("");
            err.line(help.usage(path, entry)).line("").line(more(path)).flush();
            return 1;
        }
        try (Daemon daemon = daemon(globals, err)) {
            var invocation =
                    new Invocation(
                            program,
                            path,
                            flags,
                            console,
                            environment,
                            daemon,
                            configFolder(globals));
            return command.run(invocation);
        } catch (CortenException e) {
            return refused(command, path, "Error response from daemon: " + e.message(), err);
        } catch (DaemonUnreachable e) {
            return refused(command, path, String.valueOf(e.getMessage()), err);
        } catch (Refusal e) {
            return refused(command, path, e.message(), err);
        }
    }

    private String more(String path) {
        return "Run '" + program + " " + path + " --help' for more information";
    }

    /// Commands that start containers use the codes of a shell for what went wrong inside, so what
    /// goes wrong outside is 125, 126 or 127.
    private int refused(Command command, String path, String message, Output err) {
        if (!command.startsContainers()) {
            err.line(message).flush();
            return 1;
        }
        boolean fromDaemon = message.startsWith("Error response from daemon: ");
        if (fromDaemon && command instanceof CreateCommand) {
            err.line(message).flush();
            return 1;
        }
        err.line(program + ": " + message).line("").line(more(path)).flush();
        boolean absent =
                message.indexOf("executable file not found") >= 0
                        || message.indexOf("no such file or directory") >= 0
                        || message.indexOf("system cannot find the file specified") >= 0;
        boolean notExecutable =
                message.indexOf("permission denied") >= 0 || message.indexOf("is a directory") >= 0;
        if (!fromDaemon) {
            return USAGE_ERROR;
        }
        return absent ? 127 : notExecutable ? 126 : USAGE_ERROR;
    }

    private static String arity(Command command, int count) {
        int min = command.minArguments();
        int max = command.maxArguments();
        if (count >= min && count <= max) {
            return "";
        }
        if (max == 0) {
            return "accepts no arguments";
        }
        if (min == max) {
            return "requires " + min + plural(min);
        }
        return count < min
                ? "requires at least " + min + plural(min)
                : "requires at most " + max + plural(max);
    }

    private static String plural(int count) {
        return count == 1 ? " argument" : " arguments";
    }

    private String configFolder(Flags globals) {
        if (globals.isGiven("config")) {
            return globals.text("config");
        }
        String given = environment.first("CORTEN_CONFIG", "DOCKER_CONFIG");
        return given.isEmpty() ? environment.get("HOME") + "/.docker" : given;
    }

    private Daemon daemon(Flags globals, Output err) {
        String context = globals.text("context", environment.get("CORTEN_CONTEXT"));
        if (!context.isEmpty() && !context.equals("default")) {
            throw new Failure("context \"" + context + "\": only \"default\" is there so far");
        }
        String host = globals.text("host");
        if (host.isEmpty()) {
            host = environment.first("CORTEN_HOST", "DOCKER_HOST");
        }
        String autostart = environment.get("CORTEN_AUTOSTART");
        Endpoint endpoint;
        try {
            endpoint = host.isEmpty() ? Endpoint.DEFAULT : Endpoint.parse(host);
        } catch (InvalidParameter e) {
            throw new Failure(e.message());
        }
        var starter = Daemon.Starter.NONE;
        if (!globals.isSet("no-autostart") && endpoint.isUnix()) {
            if (!autostart.isEmpty()) {
                starter = new Daemon.Starter(autostart, true);
            } else if (host.isEmpty() && new File("/run").canWrite()) {
                String lib = System.getProperty("corten.lib", "");
                File cortend = new File(lib + "/../bin/cortend");
                if (!lib.isEmpty() && cortend.canExecute()) {
                    starter = new Daemon.Starter(cortend.getPath(), false);
                }
            }
        }
        String version = environment.first("CORTEN_API_VERSION", "DOCKER_API_VERSION");
        return new Daemon(endpoint, version, starter, err);
    }
}
