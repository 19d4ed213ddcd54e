package dev.corten.api.wire;

import dev.corten.model.InvalidParameter;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Which things a prune may remove: `until`, `label`, `label!`.
public final class PruneFilter {
    private final Filters filters;
    private final Optional<Instant> until;

    private PruneFilter(Filters filters, Optional<Instant> until) {
        this.filters = filters;
        this.until = until;
    }

    /// @throws InvalidParameter for other filters, several times or one that is none
    public static PruneFilter parse(Filters filters, Instant now) {
        filters.allowing("until", "label", "label!");
        var times = filters.get("until");
        if (times.size() > 1) {
            throw new InvalidParameter("more than one until filter specified");
        }
        return new PruneFilter(
                filters, times.stream().findFirst().map(t -> FilterTime.parse(t, now)));
    }

    public boolean passes(Instant created, @Nullable Map<String, String> labels) {
        Map<String, String> own = labels == null ? Map.of() : labels;
        return until.filter(limit -> created.isAfter(limit)).isEmpty()
                && filters.matchesLabels("label", own)
                && (!filters.has("label!") || !filters.matchesLabels("label!", own));
    }
}
