package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Download;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Platforms;
import dev.corten.client.Request;
import java.io.IOException;

/// `save`: images as an archive.
public final class SaveCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('o', "output", FlagType.STRING, "Write to a file, instead of STDOUT")
                .add(
                        FlagTable.NONE,
                        "platform",
                        FlagType.STRING,
                        "Save only the given platform variant. Formatted as"
                                + " \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        var download = new Download(invocation.console(), flags.text("output"), "save image");
        Request request = Request.get("/images/get");
        for (String image : invocation.arguments()) {
            request.query("names", image);
        }
        Platforms.ask(request, "platform", flags.text("platform"));
        download.take(invocation.api(), request);
        return 0;
    }
}
