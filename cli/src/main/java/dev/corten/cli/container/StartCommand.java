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
import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.ArrayList;

/// `start`, of several containers, or of one with its streams attached.
public final class StartCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('a', "attach", FlagType.BOOL, "Attach STDOUT/STDERR and forward signals")
                .add(
                        FlagTable.NONE,
                        "detach-keys",
                        FlagType.STRING,
                        "Override the key sequence for detaching a container")
                .add('i', "interactive", FlagType.BOOL, "Attach container's STDIN");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        if (flags.isSet("attach") || flags.isSet("interactive")) {
            if (invocation.arguments().size() > 1) {
                throw new Failure("you cannot start and attach multiple containers at once");
            }
            return startAttached(invocation, invocation.arguments().getFirst());
        }
        var failed = new ArrayList<String>();
        for (String name : invocation.arguments()) {
            try {
                invocation.api().call(Request.post(EachContainer.path(name) + "/start"));
                invocation.out().line(name).flush();
            } catch (CortenException e) {
                invocation.warn("Error response from daemon: " + e.message());
                failed.add(name);
            }
        }
        if (!failed.isEmpty()) {
            throw new Failure("Error: failed to start containers: " + String.join(", ", failed));
        }
        return 0;
    }

    private static int startAttached(Invocation invocation, String name) throws IOException {
        ApiClient api = invocation.api();
        Console console = invocation.console();
        Flags flags = invocation.flags();
        DetachKeys keys = DetachKeys.parse(invocation.detachKeys());
        Json container = api.json(Request.get(EachContainer.path(name) + "/json"));
        String id = container.get("Id").text(name);
        boolean tty = container.get("Config").get("Tty").isTrue();
        boolean in =
                flags.isSet("interactive") && container.get("Config").get("OpenStdin").isTrue();
        boolean removes = container.get("HostConfig").get("AutoRemove").isTrue();
        Request attach = AttachCommand.request(invocation, id, in);
        try (var signals = new Signals();
                var streams = new AttachedStreams(api.upgrade(attach), console, tty, in, keys);
                Response wait = ExitStatus.await(api, id, removes ? "removed" : "next-exit")) {
            if (!tty) {
                signals.forwardTo(api, id);
            }
            streams.start();
            api.call(Request.post("/containers/" + id + "/start"));
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
}
