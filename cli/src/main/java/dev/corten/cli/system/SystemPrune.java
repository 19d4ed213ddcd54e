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
import java.util.ArrayList;

/// `system prune`: containers, networks, images, the build cache, and volumes if asked for.
public final class SystemPrune implements Command {
    private static final int SIZE_DIGITS = 4;

    private long reclaimed;

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('a', "all", FlagType.BOOL, "Remove all unused images not just dangling ones")
                .add(
                        FlagTable.NONE,
                        "filter",
                        FlagType.FILTER,
                        "Provide filter values (e.g. \"label=<key>=<value>\")")
                .add('f', "force", FlagType.BOOL, "Do not prompt for confirmation")
                .add(FlagTable.NONE, "volumes", FlagType.BOOL, "Prune anonymous volumes");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        boolean volumes = flags.isSet("volumes");
        for (String filter : flags.list("filter")) {
            if (volumes && filter.startsWith("until=")) {
                throw new Failure(
                        "ERROR: The \"until\" filter is not supported with \"--volumes\"");
            }
        }
        if (!flags.isSet("force") && !Confirmation.given(invocation, warning(flags))) {
            return 0;
        }
        prune(invocation, "/containers/prune", "container");
        prune(invocation, "/networks/prune", "network");
        if (volumes) {
            prune(invocation, "/volumes/prune", "volume");
        }
        prune(invocation, "/images/prune", "image");
        prune(invocation, "/build/prune", "build cache object");
        invocation
                .out()
                .line("Total reclaimed space: " + Quantity.size(reclaimed, SIZE_DIGITS))
                .flush();
        return 0;
    }

    private static String warning(Flags flags) {
        boolean all = flags.isSet("all");
        var text = new StringBuilder("This will remove:\n  - all stopped containers\n");
        text.append("  - all networks not used by at least one container\n");
        if (flags.isSet("volumes")) {
            text.append("  - all anonymous volumes not used by at least one container\n");
        }
        text.append(
                all
                        ? "  - all images without at least one container associated to them\n"
                        : "  - all dangling images\n");
        text.append(all ? "  - all build cache\n" : "  - unused build cache\n");
        if (!flags.list("filter").isEmpty()) {
            text.append("\n  Items to be pruned will be filtered with:\n");
            var sorted = new ArrayList<>(flags.list("filter"));
            sorted.sort(null);
            for (String filter : sorted) {
                text.append("  - ").append(filter).append('\n');
            }
        }
        return text.toString();
    }

    private void prune(Invocation invocation, String path, String kind) throws IOException {
        Request request = Request.post(path);
        boolean all = invocation.flags().isSet("all");
        var filters = new Filters(invocation.flags().list("filter"));
        if (kind.equals("image")) {
            filters.add("dangling", all ? "false" : "true");
        } else if (kind.startsWith("build")) {
            request.flag("all", all);
        }
        filters.addTo(request);
        Json answer = invocation.api().json(request);
        reclaimed += answer.get("SpaceReclaimed").integer(0);
        Output out = invocation.out();
        PruneCommand.print(answer, kind, out);
        out.flush();
    }
}
