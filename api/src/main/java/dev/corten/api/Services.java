package dev.corten.api;

import dev.corten.engine.artifact.ArtifactTransfers;
import dev.corten.engine.artifact.LocalArtifacts;
import dev.corten.engine.build.BuilderCache;
import dev.corten.engine.build.Builds;
import dev.corten.engine.build.classic.ClassicBuilds;
import dev.corten.engine.build.context.BuildContexts;
import dev.corten.engine.container.Committing;
import dev.corten.engine.container.Containers;
import dev.corten.engine.container.Debugging;
import dev.corten.engine.container.Differences;
import dev.corten.engine.container.Exporting;
import dev.corten.engine.container.Mounting;
import dev.corten.engine.container.Processes;
import dev.corten.engine.container.Pruning;
import dev.corten.engine.container.Statistics;
import dev.corten.engine.event.Events;
import dev.corten.engine.exec.Execs;
import dev.corten.engine.image.Conversions;
import dev.corten.engine.image.Histories;
import dev.corten.engine.image.ImageLayers;
import dev.corten.engine.image.ImageMounts;
import dev.corten.engine.image.Images;
import dev.corten.engine.image.Platforms;
import dev.corten.engine.image.Saving;
import dev.corten.engine.image.StoreChecks;
import dev.corten.engine.image.WebSources;
import dev.corten.engine.migration.Migration;
import dev.corten.engine.network.NetworkList;
import dev.corten.engine.pull.Pulls;
import dev.corten.engine.push.Pushes;
import dev.corten.engine.registry.Registries;
import dev.corten.engine.remote.RemoteImages;
import dev.corten.engine.system.SystemInfo;
import dev.corten.engine.volume.Volumes;
import dev.corten.model.Release;
import java.io.IOException;
import java.time.Clock;

/// What the API speaks for.
///
public record Services(
        Release release,
        Clock clock,
        Containers containers,
        Processes processes,
        Differences differences,
        Mounting mounting,
        Statistics statistics,
        Pruning pruning,
        Execs execs,
        Debugging debugging,
        Images images,
        Platforms platforms,
        Pulls pulls,
        Pushes pushes,
        Registries registries,
        RemoteImages remote,
        Histories histories,
        ImageLayers layers,
        ImageMounts imageMounts,
        Saving saving,
        Conversions conversions,
        LocalArtifacts artifacts,
        ArtifactTransfers artifactTransfers,
        Committing committing,
        Exporting exporting,
        WebSources web,
        StoreChecks checks,
        Builds builds,
        BuildContexts contexts,
        ClassicBuilds classicBuilds,
        BuilderCache builderCache,
        Volumes volumes,
        Migration migration,
        NetworkList networks,
        Events events,
        SystemInfo system,
        Diagnostics diagnostics) {
    /// What only the process itself can tell.
    @FunctionalInterface
    public interface Diagnostics {
        /// What each thread is doing, as text.
        byte[] threads() throws IOException;
    }
}
