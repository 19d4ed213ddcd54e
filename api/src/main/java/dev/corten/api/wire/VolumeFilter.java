package dev.corten.api.wire;

import dev.corten.engine.volume.Volume;
import dev.corten.model.InvalidParameter;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The filters of the volume list and of `volume prune`.
public final class VolumeFilter {
    private static final Set<String> YES = Set.of("1", "t", "T", "TRUE", "true", "True");
    private static final Set<String> NO = Set.of("0", "f", "F", "FALSE", "false", "False");

    private final Filters filters;

    /// Whether the users are looked at, and what is wanted.
    private final Optional<Boolean> dangling;

    private final boolean anonymousOnly;

    private VolumeFilter(Filters filters, Optional<Boolean> dangling, boolean anonymousOnly) {
        this.filters = filters;
        this.dangling = dangling;
        this.anonymousOnly = anonymousOnly;
    }

    public static VolumeFilter ofList(Filters filters) {
        filters.allowing("dangling", "name", "driver", "label");
        return new VolumeFilter(
                filters,
                filters.has("dangling")
                        ? Optional.of(filters.flag("dangling", false))
                        : Optional.empty(),
                false);
    }

    /// @param namedToo whether those with a name go too, unless the filters say otherwise
    public static VolumeFilter ofPrune(Filters filters, boolean namedToo) {
        filters.allowing("label", "label!", "all");
        return new VolumeFilter(filters, Optional.empty(), !all(filters, namedToo));
    }

    private static boolean all(Filters filters, boolean otherwise) {
        if (!filters.has("all")) {
            return otherwise;
        }
        Set<String> values = filters.get("all");
        if (values.size() > 1) {
            throw new InvalidParameter("invalid filter 'all': only one value is expected");
        }
        String value = values.iterator().next();
        if (!YES.contains(value) && !NO.contains(value)) {
            throw new InvalidParameter(
                    "invalid filter 'all': strconv.ParseBool: parsing \""
                            + value
                            + "\": invalid syntax");
        }
        return YES.contains(value);
    }

    /// @param users how many containers have it
    public boolean passes(Volume volume, int users) {
        Map<String, String> labels = volume.labels() == null ? Map.of() : volume.labels();
        return (!filters.has("name")
                        || filters.get("name").stream().anyMatch(volume.name()::contains))
                && filters.matches("driver", volume.driver())
                && filters.matchesLabels("label", labels)
                && (!filters.has("label!") || !filters.matchesLabels("label!", labels))
                && dangling.filter(wanted -> wanted != (users == 0)).isEmpty()
                && (!anonymousOnly || volume.isAnonymous());
    }
}
