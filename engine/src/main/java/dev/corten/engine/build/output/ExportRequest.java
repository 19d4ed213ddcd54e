package dev.corten.engine.build.output;

import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/// What shall become of a result.
///
/// @param targets none: an image in the store
/// @param names of the image
/// @param annotations as `--annotation` has them, `index:`, `manifest[linux/amd64]:` … included
/// @param attestations `provenance` and `sbom`, with their parameters: `mode=max`, `false`
/// @param credentials by the registry's host
/// @param epoch `SOURCE_DATE_EPOCH`
/// @param severalPlatforms whether several were asked for, if only by a list of one
/// @param inlineCache what the configuration of the image is to carry of the build's cache, JSON
public record ExportRequest(
        List<Target> targets,
        List<Reference> names,
        SortedMap<String, String> annotations,
        SortedMap<String, String> attestations,
        Map<String, RegistryCredentials> credentials,
        Optional<Instant> epoch,
        boolean severalPlatforms,
        Invocation invocation,
        Optional<InlineCache> inlineCache) {
    public ExportRequest {
        targets = List.copyOf(targets);
        names = List.copyOf(names);
        credentials = Map.copyOf(credentials);
    }

    /// Likewise, with an image that tells of the cache.
    public ExportRequest with(InlineCache cache) {
        return new ExportRequest(
                targets,
                names,
                annotations,
                attestations,
                credentials,
                epoch,
                severalPlatforms,
                invocation,
                Optional.of(cache));
    }

    /// @param type `image`, `registry`, `local`, `tar`, `oci`, `docker`, `cacheonly`
    /// @param sink where a tar goes that is no longer here then
    public record Target(String type, SortedMap<String, String> attributes, Optional<Sink> sink) {}

    /// Takes a tar, which is the output or holds the files of it.
    @FunctionalInterface
    public interface Sink {
        void take(InputStream tar) throws IOException, InterruptedException;
    }

    /// How the build was asked for.
    ///
    /// @param contexts names of those that the client has, beside the build context
    /// @param contextUri of a build context that the client has not
    public record Invocation(
            String dockerfileName,
            byte[] dockerfile,
            String target,
            SortedMap<String, String> arguments,
            SortedMap<String, String> labels,
            List<String> contexts,
            Optional<String> contextUri,
            Instant started) {}

    /// Says what an image tells of the cache.
    @FunctionalInterface
    public interface InlineCache {
        /// JSON; empty: nothing.
        Optional<byte[]> of(Finished result) throws IOException;
    }
}
