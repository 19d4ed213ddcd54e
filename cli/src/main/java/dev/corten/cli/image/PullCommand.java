package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.model.Reference;
import java.io.IOException;

/// `pull`.
public final class PullCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "platform",
                        FlagType.STRING,
                        "Set platform if server is multi-platform capable")
                .add('q', "quiet", FlagType.BOOL, "Suppress verbose output");
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String image = invocation.arguments().getFirst();
        boolean quiet = flags.isSet("quiet");
        boolean bare = image.indexOf('@') < 0 && image.lastIndexOf(':') <= image.lastIndexOf('/');
        Output out = invocation.out();
        if (bare && !quiet) {
            out.line("Using default tag: latest").flush();
        }
        Reference pulled =
                new Pull(invocation)
                        .run(image, invocation.platform(), quiet, invocation.progress());
        out.line(pulled.toString()).flush();
        return 0;
    }
}
