package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Download;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.client.Request;
import java.io.IOException;

/// `export`: a container's file system as an archive.
public final class ExportCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('o', "output", FlagType.STRING, "Write to a file, instead of STDOUT");
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        var download =
                new Download(
                        invocation.console(),
                        invocation.flags().text("output"),
                        "export container");
        String name = invocation.arguments().getFirst();
        download.take(invocation.api(), Request.get(EachContainer.path(name) + "/export"));
        return 0;
    }
}
