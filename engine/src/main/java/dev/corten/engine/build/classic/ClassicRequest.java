package dev.corten.engine.build.classic;

import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.container.HostConfig;
import dev.corten.model.image.RegistryCredentials;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/// What `POST /build` asks for.
///
/// @param remote where the context is, if it does not come along: `""`
/// @param body the context as an archive; not closed
/// @param dockerfile its path in the context; `""` is the usual one
/// @param arguments those of `--build-arg` that have a value
/// @param names of all arguments, those too of which a client that was asked for its own value has
///     none
/// @param quiet whether nothing but the image's ID is told, unless the build fails
/// @param remove whether containers of steps that succeed are removed
/// @param removeFailed whether those of others are
/// @param host network mode, extra hosts, limits, control group, shared memory
/// @param credentials by registry
public record ClassicRequest(
        List<Reference> tags,
        String remote,
        InputStream body,
        String dockerfile,
        Map<String, String> arguments,
        Set<String> names,
        SortedMap<String, String> labels,
        String target,
        Optional<Platform> platform,
        boolean quiet,
        boolean noCache,
        boolean pull,
        boolean remove,
        boolean removeFailed,
        HostConfig host,
        List<String> cacheFrom,
        Map<String, RegistryCredentials> credentials) {
    public ClassicRequest {
        tags = List.copyOf(tags);
        cacheFrom = List.copyOf(cacheFrom);
    }
}
