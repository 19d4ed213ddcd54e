package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.List;

/// `diff`.
public final class DiffCommand implements Command {
    /// By the numbers of the API.
    private static final List<String> KINDS = List.of("C", "A", "D");

    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String path = EachContainer.path(invocation.arguments().getFirst());
        Output out = invocation.out();
        for (Json change : invocation.api().json(Request.get(path + "/changes")).items()) {
            int kind = (int) change.get("Kind").integer(0);
            out.line(KINDS.get(kind) + " " + change.get("Path").text(""));
        }
        out.flush();
        return 0;
    }
}
