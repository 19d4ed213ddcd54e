package dev.corten.cli.context;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.setup.ContextStore;
import dev.corten.cli.setup.Setup;
import java.io.IOException;

/// `context use`: writes the choice into `config.json`.
public final class UseContext implements Command {
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
        Setup setup = invocation.setup();
        String name = invocation.arguments().getFirst();
        boolean usual = name.equals(ContextStore.DEFAULT);
        if (!usual) {
            setup.contexts().get(name);
        }
        setup.config().save("currentContext", usual ? "" : name);
        invocation.out().line(name).flush();
        invocation.warn("Current context is now \"" + name + "\"");
        if (!usual && !setup.variableHost().isEmpty()) {
            invocation.warn(
                    "Warning: DOCKER_HOST environment variable overrides the active context. To use"
                            + " \""
                            + name
                            + "\", either set the global --context flag, or unset DOCKER_HOST"
                            + " environment variable.");
        }
        return 0;
    }
}
