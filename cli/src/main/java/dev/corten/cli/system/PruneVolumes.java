package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Confirmation;
import dev.corten.cli.command.Filters;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.text.Quantity;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;

/// `volume prune`.
public final class PruneVolumes implements Command {
    private static final int SIZE_DIGITS = 4;

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        'a',
                        "all",
                        FlagType.BOOL,
                        "Remove all unused volumes, not just anonymous ones")
                .add(
                        FlagTable.NONE,
                        "filter",
                        FlagType.FILTER,
                        "Provide filter values (e.g. \"label=<label>\")")
                .add('f', "force", FlagType.BOOL, "Do not prompt for confirmation");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Output out = invocation.out();
        Flags flags = invocation.flags();
        boolean all = flags.isSet("all");
        var filters = new Filters(flags.list("filter"));
        if (all) {
            if (filters.has("all")) {
                throw new Failure(
                        "conflicting options: cannot specify both --all and --filter all=1");
            }
            filters.add("all", "true");
        }
        String kind = all ? "all" : "anonymous";
        String warning =
                "This will remove " + kind + " local volumes not used by at least one container.";
        if (!flags.isSet("force") && !Confirmation.given(invocation, warning)) {
            return 0;
        }
        Request request = Request.post("/volumes/prune");
        filters.addTo(request);
        Json answer = invocation.api().json(request);
        PruneCommand.print(answer, "volume", out);
        out.line(
                "Total reclaimed space: "
                        + Quantity.size(answer.get("SpaceReclaimed").integer(0), SIZE_DIGITS));
        out.flush();
        return 0;
    }
}
