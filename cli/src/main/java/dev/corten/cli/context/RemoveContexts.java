package dev.corten.cli.context;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.setup.ContextStore;
import dev.corten.cli.setup.Setup;
import java.io.IOException;

/// `context rm`.
public final class RemoveContexts implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('f', "force", FlagType.BOOL, "Force the removal of a context in use");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        int status = 0;
        for (String name : invocation.arguments()) {
            String refusal = remove(invocation, name);
            if (refusal.isEmpty()) {
                invocation.out().line(name).flush();
            } else {
                invocation.warn(refusal);
                status = 1;
            }
        }
        return status;
    }

    /// @return why not; empty if it is gone
    private static String remove(Invocation invocation, String name) throws IOException {
        Setup setup = invocation.setup();
        boolean force = invocation.flags().isSet("force");
        if (name.equals(ContextStore.DEFAULT)) {
            return "context \"default\" cannot be removed";
        }
        if (!setup.contexts().exists(name) && !force) {
            return "context \"" + name + "\" does not exist";
        }
        if (name.equals(setup.contextName())) {
            if (!force) {
                return "context \"" + name + "\" is in use, set -f flag to force remove";
            }
            setup.config().save("currentContext", "");
        }
        setup.contexts().remove(name);
        return "";
    }
}
