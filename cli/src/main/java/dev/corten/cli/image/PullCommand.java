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
                .add('a', "all-tags", FlagType.BOOL, "Download all tagged images in the repository")
                .add(
                        FlagTable.NONE,
                        "disable-content-trust",
                        FlagType.BOOL,
                        "Skip image verification",
                        "true")
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
        boolean all = flags.isSet("all-tags");
        Reference reference = ImageNames.all(image, all);
        Output out = invocation.out();
        if (!all && !quiet && ImageNames.isBare(ImageNames.parse(image))) {
            out.line("Using default tag: " + Reference.DEFAULT_TAG).flush();
        }
        new Pull(invocation).run(reference, invocation.platform(), quiet, invocation.progress());
        out.line(reference.toString()).flush();
        return 0;
    }
}
