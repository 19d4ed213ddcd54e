package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.AttachedStreams;
import dev.corten.cli.console.Console;
import dev.corten.cli.console.DetachKeys;
import dev.corten.cli.console.Signals;
import dev.corten.cli.console.Windows;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.flags.KeyValues;
import dev.corten.client.ApiClient;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.List;

/// `exec`: a further process in a running container.
public final class ExecCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('d', "detach", FlagType.BOOL, "Detached mode: run command in the background")
                .add(
                        FlagTable.NONE,
                        "detach-keys",
                        FlagType.STRING,
                        "Override the key sequence for detaching a container")
                .add('e', "env", FlagType.ENV, "Set environment variables")
                .add(
                        FlagTable.NONE,
                        "env-file",
                        FlagType.LIST,
                        "Read in a file of environment variables")
                .add('i', "interactive", FlagType.BOOL, "Keep STDIN open even if not attached")
                .add(
                        FlagTable.NONE,
                        "privileged",
                        FlagType.BOOL,
                        "Give extended privileges to the command")
                .add('t', "tty", FlagType.BOOL, "Allocate a pseudo-TTY")
                .add(
                        'u',
                        "user",
                        FlagType.STRING,
                        "Username or UID (format: \"<name|uid>[:<group|gid>]\")")
                .add('w', "workdir", FlagType.STRING, "Working directory inside the container");
    }

    @Override
    public boolean interspersed() {
        return false;
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        ApiClient api = invocation.api();
        Console console = invocation.console();
        Flags flags = invocation.flags();
        boolean detach = flags.isSet("detach");
        boolean tty = flags.isSet("tty");
        boolean in = flags.isSet("interactive") && !detach;
        if (in && tty && !console.isInTerminal()) {
            // Of two mistakes the container's absence is the greater one.
            api.call(Request.get(EachContainer.path(invocation.arguments().getFirst()) + "/json"));
            throw new Failure("the input device is not a TTY");
        }
        DetachKeys keys = DetachKeys.parse(invocation.detachKeys());
        String name = invocation.arguments().getFirst();
        String id =
                api.json(
                                Request.post(EachContainer.path(name) + "/exec")
                                        .json(body(invocation, detach, tty, in)))
                        .get("Id")
                        .text("");
        if (id.isEmpty()) {
            throw new Failure("exec ID empty");
        }
        if (detach) {
            api.call(Request.post("/exec/" + id + "/start").json(start(true, tty, console)));
            return 0;
        }
        return follow(invocation, id, tty, in, keys);
    }

    /// Starts an exec and is its streams until it ends.
    ///
    /// @return its exit code
    static int follow(Invocation invocation, String id, boolean tty, boolean in, DetachKeys keys)
            throws IOException {
        ApiClient api = invocation.api();
        Console console = invocation.console();
        Request start = Request.post("/exec/" + id + "/start").json(start(false, tty, console));
        try (var signals = new Signals();
                var streams = new AttachedStreams(api.upgrade(start), console, tty, in, keys)) {
            streams.start();
            if (tty && console.isInTerminal()) {
                new Windows(api, console, "/exec/" + id).follow(signals);
            }
            if (streams.copyOutput()) {
                streams.restoreTerminal();
                invocation.warn("read escape sequence");
                return 0;
            }
        }
        return (int) api.json(Request.get("/exec/" + id + "/json")).get("ExitCode").integer(1);
    }

    private static JsonWriter body(Invocation invocation, boolean detach, boolean tty, boolean in)
            throws IOException {
        Flags flags = invocation.flags();
        List<String> arguments = invocation.arguments();
        List<String> environment = KeyValues.environment(flags, invocation.environment());
        var json = new JsonWriter().object();
        json.name("User").value(flags.text("user"));
        json.name("Privileged").value(flags.isSet("privileged"));
        json.name("Tty").value(tty);
        json.name("AttachStdin").value(in);
        json.name("AttachStderr").value(!detach);
        json.name("AttachStdout").value(!detach);
        json.name("DetachKeys").value(invocation.detachKeys());
        json.name("Env");
        if (environment.isEmpty()) {
            json.nothing();
        } else {
            json.values(environment);
        }
        json.name("WorkingDir").value(flags.text("workdir"));
        return json.name("Cmd").values(arguments.subList(1, arguments.size())).end();
    }

    private static JsonWriter start(boolean detach, boolean tty, Console console) {
        var json = new JsonWriter().object();
        json.name("Detach").value(detach).name("Tty").value(tty);
        if (tty && !detach && console.isOutTerminal()) {
            Console.Size size = console.size();
            json.name("ConsoleSize").array().value(size.rows()).value(size.columns()).end();
        }
        return json.end();
    }
}
