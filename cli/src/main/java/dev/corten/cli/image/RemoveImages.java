package dev.corten.cli.image;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Platforms;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import dev.corten.model.NotFound;
import java.io.IOException;

/// `rmi`.
public final class RemoveImages implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('f', "force", FlagType.BOOL, "Force removal of the image")
                .add(FlagTable.NONE, "no-prune", FlagType.BOOL, "Do not delete untagged parents")
                .add(
                        FlagTable.NONE,
                        "platform",
                        FlagType.STRINGS,
                        "Remove only the given platform variant. Formatted as"
                                + " \"os[/arch[/variant]]\" (e.g., \"linux/amd64\")");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        int status = 0;
        for (String name : invocation.arguments()) {
            Request request =
                    Request.delete("/images/" + Request.segment(name))
                            .flag("force", flags.isSet("force"))
                            .flag("noprune", flags.isSet("no-prune"));
            for (String platform : flags.list("platform")) {
                Platforms.ask(request, "platforms", platform);
            }
            try {
                Output out = invocation.out();
                for (Json done : invocation.api().json(request).items()) {
                    String deleted = done.get("Deleted").text("");
                    out.line(
                            deleted.isEmpty()
                                    ? "Untagged: " + done.get("Untagged").text("")
                                    : "Deleted: " + deleted);
                }
                out.flush();
            } catch (CortenException e) {
                invocation.warn("Error response from daemon: " + e.message());
                boolean forgiven = e instanceof NotFound && flags.isSet("force");
                status = forgiven ? status : 1;
            }
        }
        return status;
    }
}
