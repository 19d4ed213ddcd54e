package dev.corten.api.wire;

import dev.corten.model.InvalidParameter;
import java.time.Instant;
import java.util.List;
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
        return of(filters, now);
    }

    private static PruneFilter of(Filters filters, Instant now) {
        var times = filters.get("until");
        if (times.size() > 1) {
            throw new InvalidParameter("more than one until filter specified");
        }
        return new PruneFilter(
                filters, times.stream().findFirst().map(t -> FilterTime.parse(t, now)));
    }

    /// The same for images, with `dangling`.
    public static PruneFilter ofImages(Filters filters, Instant now) {
        filters.allowing("dangling", "until", "label", "label!");
        return of(filters, now);
    }

    /// Whether only images without a name are meant, which is the usual.
    ///
    /// @throws InvalidParameter if that is not said clearly
    public boolean dangling() {
        var values = filters.get("dangling");
        if (values.isEmpty()) {
            return true;
        }
        boolean yes = values.contains("true") || values.contains("1");
        boolean no = values.contains("false") || values.contains("0");
        if (yes == no) {
            throw new InvalidParameter("invalid filter 'dangling=" + List.copyOf(values) + "'");
        }
        return yes;
    }

    public boolean passes(Instant created, @Nullable Map<String, String> labels) {
        Map<String, String> own = labels == null ? Map.of() : labels;
        return until.filter(limit -> created.isAfter(limit)).isEmpty()
                && filters.matchesLabels("label", own)
                && (!filters.has("label!") || !filters.matchesLabels("label!", own));
    }
}
