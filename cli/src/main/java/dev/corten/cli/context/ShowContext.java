package dev.corten.cli.context;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;

/// `context show`: the name of the one in use.
public final class ShowContext implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) {
        invocation.out().line(invocation.setup().contextName()).flush();
        return 0;
    }
}
