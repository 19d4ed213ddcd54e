package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;

/// `rename`.
public final class RenameCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.exactly(2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String from = invocation.arguments().get(0);
        String to = invocation.arguments().get(1);
        if (from.isEmpty() || to.isEmpty()) {
            throw new Failure("Error: Neither old nor new names may be empty");
        }
        try {
            invocation
                    .api()
                    .call(Request.post(EachContainer.path(from) + "/rename").query("name", to));
        } catch (CortenException e) {
            invocation.warn("Error response from daemon: " + e.message());
            throw new Failure("Error: failed to rename container named " + from);
        }
        return 0;
    }
}
