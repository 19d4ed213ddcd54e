package dev.corten.daemon.settings;

import java.util.List;
import java.util.Optional;

/// What the file says of the builder: `{"builder": {"gc": {…}, "entitlements": {…}}}`.
///
/// @param collects whether the cache is kept small at all
/// @param usual of rules that say nothing else, and of all if there is no policy; 0: not said
/// @param policy in the order in which the rules are applied; empty: the usual ones
/// @param networkHost whether a step may use the host's network
/// @param insecure whether a step may run without confinement
public record BuilderSettings(
        boolean collects,
        Space usual,
        Optional<List<Rule>> policy,
        boolean networkHost,
        boolean insecure) {
    /// Nothing is said.
    public static final BuilderSettings USUAL =
            new BuilderSettings(true, Space.UNSAID, Optional.empty(), true, false);

    public BuilderSettings {
        policy = policy.map(List::copyOf);
    }

    /// Bytes; 0: not said.
    ///
    /// @param reserved what is kept in any case
    /// @param most what is not exceeded
    /// @param free what the disk has to have besides
    public record Space(long reserved, long most, long free) {
        static final Space UNSAID = new Space(0, 0, 0);
    }

    /// @param filters `name=value`
    public record Rule(boolean all, List<String> filters, Space space) {
        public Rule {
            filters = List.copyOf(filters);
        }
    }
}
