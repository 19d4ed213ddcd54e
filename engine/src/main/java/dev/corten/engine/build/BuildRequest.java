package dev.corten.engine.build;

import dev.corten.build.work.Session;
import dev.corten.build.work.TreeSource;
import dev.corten.engine.build.remote.ClientLayout;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.container.HostConfig;
import dev.corten.model.image.RegistryCredentials;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/// What is asked of a build. Built by the fronts, which have read the Dockerfile.
///
/// @param style how histories and configurations are written
/// @param dockerfile its bytes
/// @param dockerfileName as messages name it: `Dockerfile`
/// @param ignored the bytes of the ignore file that was applied to the context, for a build check
/// @param context the build context; empty: `COPY` finds nothing
/// @param contexts those of `--build-context`, by name
/// @param target a stage; `""` is the last one
/// @param arguments those of `--build-arg`
/// @param labels those of `--label`
/// @param platforms of the result; empty: the daemon's
/// @param noCache whether no result of an earlier build is taken
/// @param noCacheStages the stages of `--no-cache-filter`
/// @param pull whether base images are asked for anew
/// @param host network mode, extra hosts, limits, control group, shared memory, for all steps
/// @param allowed entitlements: `network.host`, `security.insecure`
/// @param tags names of the result
/// @param outputs empty: an image in the store
/// @param keepFailed whether a failed `RUN` stays as an exited container
/// @param explain whether each step says why it was or was not taken from the cache
/// @param client who can give secrets and agents
/// @param credentials for registries: what the client sent as `X-Registry-Config` has it, by host
public record BuildRequest(
        Style style,
        byte[] dockerfile,
        String dockerfileName,
        byte[] ignored,
        Optional<TreeSource> context,
        Map<String, NamedContext> contexts,
        String target,
        Map<String, String> arguments,
        SortedMap<String, String> labels,
        List<Platform> platforms,
        boolean noCache,
        Set<String> noCacheStages,
        boolean pull,
        HostConfig host,
        Set<String> allowed,
        List<Reference> tags,
        List<Output> outputs,
        List<CacheSource> cacheFrom,
        List<CacheSource> cacheTo,
        SortedMap<String, String> annotations,
        SortedMap<String, String> attestations,
        boolean keepFailed,
        boolean explain,
        Session client,
        Map<String, RegistryCredentials> credentials) {
    /// Whose images these look like.
    public enum Style {
        /// `/bin/sh -c #(nop) …`
        CLASSIC,
        /// `… # buildkit`
        BUILDKIT
    }

    /// A context with a name.
    public sealed interface NamedContext {
        /// Files.
        record Files(TreeSource source) implements NamedContext {}

        /// `docker-image://…`
        record Image(String reference) implements NamedContext {}

        /// `oci-layout://…`
        ///
        /// @param reference `:tag`, `@digest`, or nothing
        record Layout(ClientLayout files, String reference) implements NamedContext {}
    }

    /// What becomes of the result.
    ///
    /// @param type `image`, `registry`, `local`, `tar`, `oci`, `docker`, `cacheonly`
    /// @param attributes such as `name`, `push`, `compression`, `rewrite-timestamp`
    /// @param sink where an archive goes: to the client; empty for those that stay here
    public record Output(String type, SortedMap<String, String> attributes, Optional<Sink> sink) {}

    /// Takes a tar, which is the output or holds the files of it.
    @FunctionalInterface
    public interface Sink {
        void take(java.io.InputStream tar) throws java.io.IOException, InterruptedException;
    }

    /// A cache elsewhere.
    ///
    /// @param type `registry`, `local`, `inline`
    /// @param attributes such as `ref`, `mode`, `src`, `dest`
    /// @param files of a `local` one to read from
    /// @param sink of a `local` one to write to
    public record CacheSource(
            String type,
            SortedMap<String, String> attributes,
            Optional<TreeSource> files,
            Optional<Sink> sink) {}
}
