package dev.corten.registry.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A request.
///
/// @param plain whether it is made by HTTP/1.1 also where HTTP/2 is possible: for blobs, as each of
///     them then has a connection of its own, and what arrives ahead of its reader stays small
record Call(
        String method, URI uri, Map<String, String> headers, Optional<Body> body, boolean plain) {
    /// What is sent; opened again if the request is made again.
    interface Body {
        long length();

        InputStream open() throws IOException;

        /// How many bytes have been read of it so far, for whoever watches that there is progress.
        default long position() {
            return 0;
        }
    }

    Call {
        headers = Map.copyOf(headers);
    }

    static Call of(String method, URI uri) {
        return new Call(method, uri, Map.of(), Optional.empty(), false);
    }

    Call with(String name, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Call(method, uri, more, body, plain);
    }

    Call without(String name) {
        var fewer = new LinkedHashMap<>(headers);
        fewer.remove(name);
        return new Call(method, uri, fewer, body, plain);
    }

    Call to(URI other) {
        return new Call(method, other, headers, body, plain);
    }

    Call as(String otherMethod) {
        return new Call(otherMethod, uri, headers, Optional.empty(), plain);
    }

    Call sending(String mediaType, Body content) {
        return new Call(method, uri, headers, Optional.of(content), plain)
                .with("Content-Type", mediaType);
    }

    Call overHttp1() {
        return new Call(method, uri, headers, body, true);
    }
}
