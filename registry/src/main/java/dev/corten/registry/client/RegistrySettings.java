package dev.corten.registry.client;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/// How registries are reached.
///
/// @param mirrors of Docker Hub, asked before it, in this order
/// @param insecure `host`, `host:port` or networks, whose certificates are not checked and which may
///     speak plain HTTP; the host itself is always one
/// @param certsDirectories where `<host[:port]>/*.crt` and the like are looked for; later ones add to
///     the earlier
/// @param userAgent what we call ourselves
public record RegistrySettings(
        List<URI> mirrors,
        List<String> insecure,
        List<Path> certsDirectories,
        Proxies proxies,
        String userAgent) {
    public RegistrySettings {
        mirrors = List.copyOf(mirrors);
        insecure = List.copyOf(insecure);
        certsDirectories = List.copyOf(certsDirectories);
    }
}
