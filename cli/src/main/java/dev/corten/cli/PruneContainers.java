package dev.corten.cli;

import dev.corten.client.Json;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.List;

/// `container prune`.
final class PruneContainers implements Command {
    private static final int SIZE_DIGITS = 4;

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "filter",
                        FlagType.FILTER,
                        "Provide filter values (e.g. \"until=<timestamp>\")")
                .add('f', "force", FlagType.BOOL, "Do not prompt for confirmation");
    }

    @Override
    public int minArguments() {
        return 0;
    }

    @Override
    public int maxArguments() {
        return 0;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Output out = invocation.out();
        if (!invocation.flags().isSet("force")
                && !Confirmation.given(invocation, "This will remove all stopped containers.")) {
            return 0;
        }
        Request request = Request.post("/containers/prune");
        new Filters(invocation.flags().list("filter")).addTo(request);
        Json answer = invocation.api().json(request);
        List<Json> removed = answer.get("ContainersDeleted").items();
        if (!removed.isEmpty()) {
            out.line("Deleted Containers:");
            removed.forEach(id -> out.line(id.text("")));
            out.line("");
        }
        out.line(
                "Total reclaimed space: "
                        + Quantity.size(answer.get("SpaceReclaimed").integer(0), SIZE_DIGITS));
        return 0;
    }
}
