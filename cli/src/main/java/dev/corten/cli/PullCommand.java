package dev.corten.cli;

import dev.corten.model.Reference;
import java.io.IOException;

/// `pull`.
final class PullCommand implements Command {
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
    public int minArguments() {
        return 1;
    }

    @Override
    public int maxArguments() {
        return 1;
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
