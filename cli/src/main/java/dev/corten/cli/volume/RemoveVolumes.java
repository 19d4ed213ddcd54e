package dev.corten.cli.volume;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;

/// `volume rm`.
public final class RemoveVolumes implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('f', "force", FlagType.BOOL, "Force the removal of one or more volumes");
    }

    @Override
    public String about() {
        return "Remove one or more volumes. You cannot remove a volume that is in use by a container.";
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        int status = 0;
        for (String name : invocation.arguments()) {
            try {
                if (name.isEmpty()) {
                    invocation.warn("invalid volume name or ID: value is empty");
                    status = 1;
                    continue;
                }
                invocation
                        .api()
                        .call(
                                Request.delete("/volumes/" + Request.segment(name))
                                        .flag("force", invocation.flags().isSet("force")));
                invocation.out().line(name).flush();
            } catch (CortenException e) {
                invocation.warn("Error response from daemon: " + e.message());
                status = 1;
            }
        }
        return status;
    }
}
