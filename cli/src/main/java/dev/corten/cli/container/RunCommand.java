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
import dev.corten.client.ApiClient;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.List;

/// `run`: create, attach, wait, start, copy, and end as the container ended.
///
/// The order matters: attached before it starts, the first byte is not lost; waited for before it
/// starts, the exit of a container that removes itself is not missed.
public final class RunCommand implements Command {
    @Override
    public FlagTable flags() {
        return ContainerFlags.table(
                        "Pull image before running (\"always\", \"missing\", \"never\")")
                .add(
                        'd',
                        "detach",
                        FlagType.BOOL,
                        "Run container in background and print container ID")
                .add(
                        FlagTable.NONE,
                        "detach-keys",
                        FlagType.STRING,
                        "Override the key sequence for detaching a container")
                .add(
                        FlagTable.NONE,
                        "pidfile",
                        FlagType.STRING,
                        "Write the container's process ID to the file")
                .add(
                        FlagTable.NONE,
                        "sig-proxy",
                        FlagType.BOOL,
                        "Proxy received signals to the process",
                        "true");
    }

    @Override
    public boolean interspersed() {
        return false;
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public boolean startsContainers() {
        return true;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        WindowsOptions.refuse(flags);
        boolean detach = flags.isSet("detach");
        boolean tty = flags.isSet("tty");
        if (detach && flags.isGiven("attach")) {
            throw new Failure("conflicting options: cannot specify both --attach and --detach");
        }
        boolean all = !detach && !flags.isGiven("attach");
        boolean in = all ? flags.isSet("interactive") : CreateCommand.attaches(flags, "stdin");
        boolean out = all || CreateCommand.attaches(flags, "stdout");
        boolean err = all || CreateCommand.attaches(flags, "stderr");
        if (in && tty && !invocation.console().isInTerminal()) {
            throw new Failure("the input device is not a TTY");
        }
        DetachKeys keys = DetachKeys.parse(invocation.detachKeys());
        List<String> arguments = invocation.arguments();
        JsonWriter body =
                new ContainerBody(invocation, in, out, err)
                        .write(arguments.getFirst(), arguments.subList(1, arguments.size()));
        PidFile pidFile = pidFile(invocation);
        pidFile.check();
        String id = new Creation(invocation).create(body);
        if (detach) {
            pidFile.start(invocation.api(), id);
            invocation.out().line(id).flush();
            return 0;
        }
        return runAttached(invocation, id, attach(id, flags, in, out, err), tty, in, keys);
    }

    private static Request attach(String id, Flags flags, boolean in, boolean out, boolean err) {
        Request attach =
                Request.post("/containers/" + id + "/attach")
                        .query("stream", "1")
                        .flag("stdin", in)
                        .flag("stdout", out)
                        .flag("stderr", err);
        if (!flags.text("detach-keys").isEmpty()) {
            attach.query("detachKeys", flags.text("detach-keys"));
        }
        return attach;
    }

    private static PidFile pidFile(Invocation invocation) {
        return new PidFile(invocation.flags().text("pidfile"));
    }

    private static String condition(Invocation invocation) {
        return invocation.flags().isSet("rm") ? "removed" : "next-exit";
    }

    private static int runAttached(
            Invocation invocation,
            String id,
            Request attach,
            boolean tty,
            boolean in,
            DetachKeys keys)
            throws IOException {
        ApiClient api = invocation.api();
        Console console = invocation.console();
        try (var signals = new Signals();
                var streams = new AttachedStreams(api.upgrade(attach), console, tty, in, keys);
                Response wait = ExitStatus.await(api, id, condition(invocation))) {
            if (!tty && invocation.flags().isSet("sig-proxy", true)) {
                signals.forwardTo(api, id);
            }
            streams.start();
            start(api, id, wait, invocation);
            if (tty && console.isOutTerminal()) {
                new Windows(api, console, "/containers/" + id).follow(signals);
            }
            if (streams.copyOutput()) {
                streams.restoreTerminal();
                invocation.warn("read escape sequence");
                return 0;
            }
            return ExitStatus.of(wait, invocation);
        }
    }

    /// A container that did not start and removes itself is gone before we say so.
    private static void start(ApiClient api, String id, Response wait, Invocation invocation)
            throws IOException {
        try {
            pidFile(invocation).start(api, id);
        } catch (CortenException e) {
            if (invocation.flags().isSet("rm")) {
                wait.bytes();
            }
            throw e;
        }
    }
}
