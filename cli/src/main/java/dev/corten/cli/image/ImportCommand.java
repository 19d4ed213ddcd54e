package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// `import`: an image of one layer from an archive of a file system.
public final class ImportCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        'c',
                        "change",
                        FlagType.LIST,
                        "Apply Dockerfile instruction to the created image")
                .add('m', "message", FlagType.STRING, "Set commit message for imported image")
                .add(
                        FlagTable.NONE,
                        "platform",
                        FlagType.STRING,
                        "Set platform if server is multi-platform capable");
    }

    @Override
    public Arity arity() {
        return Arity.between(1, 2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        List<String> arguments = invocation.arguments();
        String source = arguments.getFirst();
        boolean url = source.startsWith("http://") || source.startsWith("https://");
        Request request = Request.post("/images/create").query("fromSrc", url ? source : "-");
        for (String change : flags.list("change")) {
            request.query("changes", change);
        }
        if (flags.isGiven("message")) {
            request.query("message", flags.text("message"));
        }
        if (flags.isGiven("platform")) {
            request.query("platform", flags.text("platform"));
        }
        if (arguments.size() > 1) {
            request.query("repo", checked(arguments.get(1)));
        }
        if (url) {
            send(invocation, request);
        } else if (source.equals("-")) {
            send(invocation, request.stream("text/plain", invocation.console().in()));
        } else {
            try (InputStream in = LoadCommand.open(source)) {
                send(invocation, request.stream("text/plain", in));
            }
        }
        return 0;
    }

    private static String checked(String reference) {
        try {
            Reference.parse(reference);
            return reference;
        } catch (InvalidParameter e) {
            throw new Failure(e.message());
        }
    }

    private static void send(Invocation invocation, Request request) throws IOException {
        try (Response response = invocation.api().send(request)) {
            invocation.progress().show(response, false);
        }
    }
}
