package dev.corten.build.graph;

import dev.corten.build.work.Session;
import dev.corten.build.work.TreeSource;
import dev.corten.model.container.HostConfig;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a plan depends on beside the Dockerfile.
///
/// @param classic whether configurations are as the classic builder has them
/// @param labelled whether steps name their platform: there are several
/// @param context of the build; empty: `COPY` finds nothing
/// @param contexts those with a name that are files
/// @param images names that stand for images: the same names in upper or lower case. An image may be
///     one of a layout, see [Bases#LAYOUT]
/// @param noCache whether no result of an earlier build is taken
/// @param noCacheStages the stages of which none is taken
/// @param hostname of every `RUN`'s sandbox, see [dev.corten.build.work.StepCommand]
/// @param host what every `RUN` gets
/// @param allowed entitlements
/// @param keepsFailed whether what a failed `RUN` leaves is kept
/// @param clamp times of files that are later are set to this one
/// @param identity another one for each build
public record PlanOptions(
        boolean classic,
        boolean labelled,
        Optional<TreeSource> context,
        Map<String, TreeSource> contexts,
        Map<String, String> images,
        boolean noCache,
        Set<String> noCacheStages,
        String hostname,
        HostConfig host,
        Set<String> allowed,
        boolean keepsFailed,
        Optional<Instant> clamp,
        Session client,
        String identity) {}
