package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.ProgressView;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import dev.corten.client.Response;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `image scp`: from one machine's engine to another's, through `ssh` and without a registry or a
/// file in between. Podman has it; Docker does not.
public final class ScpImage implements Command {
    private static final String AT = "::";

    @Override
    public FlagTable flags() {
        return new FlagTable().add('q', "quiet", FlagType.BOOL, "Suppress the output");
    }

    @Override
    public String about() {
        return "Copy an image from one machine's engine to another's through ssh. HOST is the name"
                + " of a\ncontext, or [USER@]MACHINE[:PORT]; without one this machine's engine is"
                + " meant.";
    }

    @Override
    public Arity arity() {
        return Arity.between(1, 2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        List<String> arguments = invocation.arguments();
        String source = arguments.getFirst();
        String target = arguments.size() == 2 ? arguments.get(1) : "";
        int at = source.indexOf(AT);
        String from = at < 0 ? "" : source.substring(0, at);
        String image = at < 0 ? source : source.substring(at + AT.length());
        if (!target.isEmpty() && !target.endsWith(AT)) {
            throw new Failure("the target is HOST::, not " + target);
        }
        String to = target.isEmpty() ? "" : target.substring(0, target.length() - AT.length());
        if (from.equals(to)) {
            throw new Failure("source and target are the same engine");
        }
        ImageNames.parse(image);
        boolean quiet = invocation.flags().isSet("quiet");
        try (@Nullable ApiClient fromHost =
                        from.isEmpty() ? null : invocation.setup().elsewhere(from);
                @Nullable ApiClient toHost =
                        to.isEmpty() ? null : invocation.setup().elsewhere(to)) {
            ApiClient sender = fromHost == null ? invocation.api() : fromHost;
            ApiClient receiver = toHost == null ? invocation.api() : toHost;
            try (Response archive = sender.send(Request.get("/images/get").query("names", image));
                    Response loaded =
                            receiver.send(
                                    Request.post("/images/load").query("quiet", "1").stream(
                                            "application/x-tar", archive.body()))) {
                new ProgressView(invocation.out(), false, 0).show(loaded, quiet);
            }
        }
        return 0;
    }
}
