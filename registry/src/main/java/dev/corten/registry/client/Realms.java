package dev.corten.registry.client;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.stream.Stream;

/// Where tokens may be asked for. The address comes from the registry, and whoever can word its
/// answers could have this host ask its own services, or those of its cloud, which answer with
/// secrets to whoever asks from the right place.
final class Realms {
    private Realms() {}

    /// Whether a registry may send us there: to this host and to link-local addresses only one that is
    /// there itself.
    static boolean mayBeAsked(URI registry, URI realm) {
        return !isNear(realm) || isNear(registry);
    }

    private static boolean isNear(URI uri) {
        String host = String.valueOf(uri.getHost());
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        try {
            return Stream.of(InetAddress.getAllByName(bare))
                    .anyMatch(a ->
                            a.isLoopbackAddress()
                                    || a.isLinkLocalAddress()
                                    || a.isAnyLocalAddress());
        } catch (UnknownHostException e) {
            // Then a proxy knows it, or nobody.
            return false;
        }
    }
}
