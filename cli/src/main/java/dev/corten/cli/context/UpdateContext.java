package dev.corten.cli.context;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.setup.ContextStore;
import dev.corten.cli.setup.Setup;
import dev.corten.cli.setup.StoredContext;
import java.io.IOException;

/// `context update`.
public final class UpdateContext implements Command {
    @Override
    public FlagTable flags() {
        return ContextConfig.flags();
    }

    @Override
    public String about() {
        return "Update a context" + ContextConfig.ABOUT.replace("VERB", "update");
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        Setup setup = invocation.setup();
        String name = invocation.arguments().getFirst();
        ContextStore.checkName(name);
        StoredContext old = setup.contexts().get(name);
        if (flags.isGiven("docker")) {
            new ContextConfig(setup, flags.list("docker"))
                    .save(name, ContextConfig.described(old, flags));
        } else {
            ContextConfig.copy(setup.contexts(), old, name, ContextConfig.described(old, flags));
        }
        invocation.out().line(name).flush();
        invocation.warn("Successfully updated context \"" + name + "\"");
        return 0;
    }
}
