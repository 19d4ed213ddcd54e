package dev.corten.cli.context;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.setup.ContextStore;
import dev.corten.cli.setup.Setup;
import dev.corten.cli.setup.StoredContext;
import java.io.IOException;

/// `context create`.
public final class CreateContext implements Command {
    @Override
    public FlagTable flags() {
        return ContextConfig.flags()
                .add(
                        FlagTable.NONE,
                        "from",
                        FlagType.STRING,
                        "create context from a named context");
    }

    @Override
    public String about() {
        return "Create a context" + ContextConfig.ABOUT.replace("VERB", "create");
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
        if (setup.contexts().exists(name)) {
            throw new Failure("context \"" + name + "\" already exists");
        }
        String from = flags.text("from");
        if (flags.isGiven("docker") && !from.isEmpty()) {
            throw new Failure("cannot use --docker flag when --from is set");
        }
        if (flags.isGiven("docker")) {
            new ContextConfig(setup, flags.list("docker"))
                    .save(name, ContextConfig.described(null, flags));
        } else {
            StoredContext source =
                    ContextConfig.find(setup, from.isEmpty() ? setup.contextName() : from);
            ContextConfig.copy(
                    setup.contexts(), source, name, ContextConfig.described(source, flags));
        }
        invocation.out().line(name).flush();
        invocation.warn("Successfully created context \"" + name + "\"");
        return 0;
    }
}
