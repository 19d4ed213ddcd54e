package dev.corten.cli.system;

import static dev.corten.cli.flags.FlagTable.NONE;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Confirmation;
import dev.corten.cli.command.Filters;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.text.Quantity;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;

/// `builder prune`: removes results of builds that nothing needs.
public final class PruneBuilder implements Command {
    private static final int SIZE_DIGITS = 4;

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        'a',
                        "all",
                        FlagType.BOOL,
                        "Remove all unused build cache, not just dangling ones")
                .add(NONE, "filter", FlagType.FILTER, "Provide filter values (e.g. \"until=24h\")")
                .add('f', "force", FlagType.BOOL, "Do not prompt for confirmation")
                .add(NONE, "keep-storage", FlagType.BYTES, "Amount of disk space to keep for cache")
                .add(
                        NONE,
                        "max-used-space",
                        FlagType.BYTES,
                        "Maximum amount of disk space allowed to keep for cache")
                .add(
                        NONE,
                        "min-free-space",
                        FlagType.BYTES,
                        "Target amount of free disk space after pruning")
                .add(
                        NONE,
                        "reserved-space",
                        FlagType.BYTES,
                        "Amount of disk space always allowed to keep for cache")
                .add(NONE, "verbose", FlagType.BOOL, "Provide a more verbose output")
                .add(NONE, "builder", FlagType.STRING, "Override the configured builder instance");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        boolean all = flags.isSet("all");
        String what = all ? "all build cache." : "all dangling build cache.";
        if (!flags.isSet("force") && !Confirmation.given(invocation, "This will remove " + what)) {
            return 0;
        }
        Request request = Request.post("/build/prune").flag("all", all);
        for (String name :
                new String[] {
                    "keep-storage", "max-used-space", "min-free-space", "reserved-space"
                }) {
            if (flags.isGiven(name)) {
                request.query(name, Long.toString(flags.bytes(name)));
            }
        }
        new Filters(flags.list("filter")).addTo(request);
        Json answer = invocation.api().json(request);
        Output out = invocation.out();
        PruneCommand.print(answer, "build cache object", out);
        long size = answer.get("SpaceReclaimed").integer(0);
        out.line("Total reclaimed space: " + Quantity.size(size, SIZE_DIGITS)).flush();
        return 0;
    }
}
