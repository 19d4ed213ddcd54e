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
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.client.Response;
import java.io.IOException;

/// `attach` to a container that runs.
public final class AttachCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "detach-keys",
                        FlagType.STRING,
                        "Override the key sequence for detaching a container")
                .add(FlagTable.NONE, "no-stdin", FlagType.BOOL, "Do not attach STDIN")
                .add(
                        FlagTable.NONE,
                        "sig-proxy",
                        FlagType.BOOL,
                        "Proxy all received signals to the process",
                        "true");
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        ApiClient api = invocation.api();
        Console console = invocation.console();
        Flags flags = invocation.flags();
        DetachKeys keys = DetachKeys.parse(invocation.detachKeys());
        String name = invocation.arguments().getFirst();
        Json container = api.json(Request.get(EachContainer.path(name) + "/json"));
        Json state = container.get("State");
        if (!state.get("Running").isTrue()) {
            throw new Failure("cannot attach to a stopped container, start the container first");
        }
        if (state.get("Paused").isTrue()) {
            throw new Failure("cannot attach to a paused container, unpause the container first");
        }
        if (state.get("Restarting").isTrue()) {
            throw new Failure("cannot attach to a restarting container, wait until it is running");
        }
        String id = container.get("Id").text(name);
        boolean tty = container.get("Config").get("Tty").isTrue();
        boolean in = !flags.isSet("no-stdin") && container.get("Config").get("OpenStdin").isTrue();
        if (in && tty && !console.isInTerminal()) {
            throw new Failure("the input device is not a TTY");
        }
        Request attach = request(invocation, id, in);
        try (var signals = new Signals();
                Response wait = ExitStatus.await(api, id, "");
                var streams = new AttachedStreams(api.upgrade(attach), console, tty, in, keys)) {
            if (!tty && flags.isSet("sig-proxy", true)) {
                signals.forwardTo(api, id);
            }
            streams.start();
            if (tty && console.isOutTerminal()) {
                var windows = new Windows(api, console, "/containers/" + id);
                windows.resize(1);
                windows.follow(signals);
            }
            if (streams.copyOutput()) {
                streams.restoreTerminal();
                invocation.warn("read escape sequence");
                return 0;
            }
            return ExitStatus.of(wait, invocation);
        }
    }

    /// Asks for all of a container's output, and for its input if [in].
    static Request request(Invocation invocation, String id, boolean in) {
        Request attach =
                Request.post("/containers/" + id + "/attach")
                        .query("stream", "1")
                        .flag("stdin", in)
                        .query("stdout", "1")
                        .query("stderr", "1");
        if (!invocation.detachKeys().isEmpty()) {
            attach.query("detachKeys", invocation.detachKeys());
        }
        return attach;
    }
}
