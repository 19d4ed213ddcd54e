package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.Flags;
import dev.corten.client.JsonWriter;
import java.io.IOException;

/// `create`: everything of `run` but the running.
public final class CreateCommand implements Command {
    @Override
    public FlagTable flags() {
        return ContainerFlags.table(
                "Pull image before creating (\"always\", \"missing\", \"never\")");
    }

    @Override
    public boolean interspersed() {
        return false;
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public boolean startsContainers() {
        return true;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        WindowsOptions.refuse(flags);
        boolean all = !flags.isGiven("attach");
        JsonWriter body =
                new ContainerBody(
                                invocation,
                                all ? flags.isSet("interactive") : attaches(flags, "stdin"),
                                all || attaches(flags, "stdout"),
                                all || attaches(flags, "stderr"))
                        .write(
                                invocation.arguments().getFirst(),
                                invocation.arguments().subList(1, invocation.arguments().size()));
        String id = new Creation(invocation).create(body);
        invocation.out().line(id).flush();
        return 0;
    }

    static boolean attaches(Flags flags, String stream) {
        for (String given : flags.list("attach")) {
            if (given.equalsIgnoreCase(stream)) {
                return true;
            }
        }
        return false;
    }
}
