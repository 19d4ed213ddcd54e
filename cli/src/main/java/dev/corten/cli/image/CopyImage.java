package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.Reference;
import java.io.IOException;

/// `image copy`: from one registry to another, without an image here. Docker leaves this to other
/// programs.
public final class CopyImage implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "platform",
                        FlagType.STRING,
                        "Copy only the image for this platform, instead of those for all")
                .add('q', "quiet", FlagType.BOOL, "Suppress verbose output");
    }

    @Override
    public String about() {
        return "Copy an image from one registry to another, with all its platforms and without\n"
                + "storing it here. What the target has already is not sent again.";
    }

    @Override
    public Arity arity() {
        return Arity.exactly(2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        Reference source = ImageNames.parse(invocation.arguments().get(0)).orLatest();
        Reference target = ImageNames.parse(invocation.arguments().get(1)).orLatest();
        var credentials = new Credentials(invocation);
        Request request =
                Request.post("/corten/v1/registry/copy")
                        .query("from", source.toString())
                        .query("to", target.toString())
                        .header("X-Registry-Auth", credentials.header(source))
                        .header("X-Corten-Target-Auth", credentials.header(target));
        String platform = flags.text("platform");
        if (!platform.isEmpty()) {
            request.query("platform", platform);
        }
        try (Response response = invocation.api().send(request)) {
            invocation.progress().show(response, flags.isSet("quiet"));
        }
        if (flags.isSet("quiet")) {
            invocation.out().line(target.toString()).flush();
        }
        return 0;
    }
}
