package dev.corten.registry.client;

import java.net.URI;

/// An address under which repositories may be had.
///
/// @param base what `/v2/` is appended to; no slash at its end
/// @param mirror whether it stands for another one, which is asked if this one fails
/// @param verified whether its certificate must be good
record Endpoint(URI base, boolean mirror, boolean verified) {
    URI uri(String path) {
        return URI.create(base + path);
    }

    /// `host[:port]`, as the directory with its certificates is called.
    String authority() {
        return base.getRawAuthority();
    }

    boolean encrypted() {
        return "https".equals(base.getScheme());
    }
}
