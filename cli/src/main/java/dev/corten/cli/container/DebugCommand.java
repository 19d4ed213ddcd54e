package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Console;
import dev.corten.cli.console.DetachKeys;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `debug`: a shell in a running container that need not have one. It has the container's files at
/// `/`, as Docker Debug's, and brings its tools along.
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
        return ExecCommand.follow(
                invocation,
                created.get("Id").text(""),
                tty,
                true,
                DetachKeys.parse(invocation.detachKeys()));
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
