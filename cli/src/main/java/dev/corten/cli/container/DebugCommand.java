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
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `debug`: a shell in a container that need not have one. It has the container's files at `/`, as
/// Docker Debug's, and brings its tools along. Of a container that does not run it has a view of its
/// own: what is changed in it goes with it.
public final class DebugCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('c', "command", FlagType.STRING, "Evaluate this instead of reading input")
                .add(
                        FlagTable.NONE,
                        "image",
                        FlagType.STRING,
                        "Image with the tools, which must be static programs (default: the busybox"
                                + " of the daemon's host)")
                .add(FlagTable.NONE, "shell", FlagType.STRING, "Shell of the toolbox", "sh");
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
    public int run(Invocation invocation) throws IOException {
        ApiClient api = invocation.api();
        Console console = invocation.console();
        List<String> command = command(invocation);
        boolean tty = console.isInTerminal() && console.isOutTerminal();
        String name = invocation.arguments().getFirst();
        var body = new JsonWriter().object();
        body.name("User").value("0:0");
        body.name("Tty").value(tty).name("AttachStdin").value(true);
        body.name("AttachStdout").value(true).name("AttachStderr").value(true);
        body.name("Image").value(invocation.flags().text("image"));
        body.name("Cmd").values(command).end();
        Request create = Request.post("/corten/v1" + EachContainer.path(name) + "/debug");
        Json created = api.json(create.json(body));
        DetachKeys keys = DetachKeys.parse(invocation.detachKeys());
        String beside = created.get("Container").text("");
        return beside.isEmpty()
                ? ExecCommand.follow(invocation, created.get("Id").text(""), tty, true, keys)
                : follow(invocation, beside, tty, keys, "removed");
    }

    /// Starts a container that is all there is for us, with our streams, and ends as it ends.
    ///
    /// @param until what is waited for: `removed` of one that goes with its end, or `next-exit`
    public static int follow(
            Invocation invocation, String id, boolean tty, DetachKeys keys, String until)
            throws IOException {
        ApiClient api = invocation.api();
        Console console = invocation.console();
        Request attach =
                Request.post("/containers/" + id + "/attach")
                        .query("stream", "1")
                        .flag("stdin", true)
                        .flag("stdout", true)
                        .flag("stderr", true);
        try (var signals = new Signals();
                var streams = new AttachedStreams(api.upgrade(attach), console, tty, true, keys);
                Response wait = ExitStatus.await(api, id, until)) {
            if (!tty) {
                signals.forwardTo(api, id);
            }
            streams.start();
            try {
                api.call(Request.post("/containers/" + id + "/start"));
            } catch (InvalidParameter e) {
                // What cannot be executed has the codes of a shell; the container is gone.
                if (until.equals("removed")) {
                    wait.bytes();
                }
                invocation.warn("Error response from daemon: " + e.message());
                return e.message().indexOf("permission denied") >= 0 ? 126 : 127;
            }
            if (tty) {
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

    private static List<String> command(Invocation invocation) {
        List<String> given = invocation.arguments().subList(1, invocation.arguments().size());
        String text = invocation.flags().text("command");
        if (!text.isEmpty() && !given.isEmpty()) {
            throw new Failure("--command and a COMMAND cannot be used together");
        }
        if (!given.isEmpty()) {
            return given;
        }
        var shell = new ArrayList<String>();
        shell.add(invocation.flags().text("shell", "sh"));
        if (!text.isEmpty()) {
            shell.add("-c");
            shell.add(text);
        }
        return shell;
    }
}
