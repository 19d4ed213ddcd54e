package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Confirmation;
import dev.corten.cli.command.Filters;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.text.Quantity;
import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `container prune`, `image prune` and `network prune`.
public final class PruneCommand implements Command {
    private static final int SIZE_DIGITS = 4;

    private final String kind;

    /// @param kind `container`, `image` or `network`
    public PruneCommand(String kind) {
        this.kind = kind;
    }

    @Override
    public FlagTable flags() {
        var flags = new FlagTable();
        if (kind.equals("image")) {
            flags.add(
                    'a', "all", FlagType.BOOL, "Remove all unused images, not just dangling ones");
        }
        return flags.add(
                        FlagTable.NONE,
                        "filter",
                        FlagType.FILTER,
                        "Provide filter values (e.g. \"until=<timestamp>\")")
                .add('f', "force", FlagType.BOOL, "Do not prompt for confirmation");
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        boolean all = invocation.flags().isSet("all");
        String warning =
                switch (kind) {
                    case "container" -> "This will remove all stopped containers.";
                    case "network" ->
                            "This will remove all custom networks not used by at least one"
                                    + " container.";
                    default ->
                            all
                                    ? "This will remove all images without at least one"
                                            + " container associated to them."
                                    : "This will remove all dangling images.";
                };
        boolean agreed =
                invocation.flags().isSet("force") || Confirmation.given(invocation, warning);
        if (!agreed) {
            return 0;
        }
        Request request = Request.post("/" + kind + "s/prune");
        var filters = new Filters(invocation.flags().list("filter"));
        if (kind.equals("image")) {
            filters.add("dangling", all ? "false" : "true");
        }
        filters.addTo(request);
        Json answer = invocation.api().json(request);
        Output out = invocation.out();
        print(answer, kind, out);
        if (!kind.equals("network")) {
            out.line(
                    "Total reclaimed space: "
                            + Quantity.size(answer.get("SpaceReclaimed").integer(0), SIZE_DIGITS));
        }
        out.flush();
        return 0;
    }

    /// Prints what was deleted, with a title, if there was anything.
    ///
    /// @param kind of the objects: `container`, `image`, `network`, `volume` or `build cache object`
    static void print(Json answer, String kind, Output out) {
        List<String> lines = new ArrayList<>();
        String title;
        String member;
        switch (kind) {
            case "container" -> {
                title = "Deleted Containers:";
                member = "ContainersDeleted";
            }
            case "network" -> {
                title = "Deleted Networks:";
                member = "NetworksDeleted";
            }
            case "volume" -> {
                title = "Deleted Volumes:";
                member = "VolumesDeleted";
            }
            case "image" -> {
                title = "Deleted Images:";
                member = "ImagesDeleted";
            }
            default -> {
                title = "Deleted build cache objects:";
                member = "CachesDeleted";
            }
        }
        for (Json deleted : answer.get(member).items()) {
            String untagged = deleted.get("Untagged").text("");
            lines.add(
                    !untagged.isEmpty()
                            ? "untagged: " + untagged
                            : deleted.get("Deleted").isAbsent()
                                    ? deleted.text("")
                                    : "deleted: " + deleted.get("Deleted").text(""));
        }
        if (!lines.isEmpty()) {
            out.line(title);
            lines.forEach(out::line);
            out.line("");
        }
    }
}
