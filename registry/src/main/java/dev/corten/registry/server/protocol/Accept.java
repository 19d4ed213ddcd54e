package dev.corten.registry.server.protocol;

import dev.corten.http.Headers;
import dev.corten.model.Digest;
import java.util.HashSet;
import java.util.Set;

/// The media types that a client takes. One that says nothing takes everything.
final class Accept {
    private final Set<String> types = new HashSet<>();

    Accept(Headers request) {
        for (String line : request.all("Accept")) {
            for (String type : line.split(",", -1)) {
                String bare = type.split(";", 2)[0].strip();
                if (!bare.isEmpty()) {
                    types.add(bare);
                }
            }
        }
    }

    boolean takes(String mediaType) {
        return types.isEmpty()
                || types.contains(mediaType)
                || types.contains("*/*")
                || types.contains("application/*");
    }

    /// Whether the client has this content already.
    static boolean isNoneMatch(Headers request, Digest digest) {
        for (String line : request.all("If-None-Match")) {
            for (String tag : line.split(",", -1)) {
                String bare = tag.strip();
                bare = bare.startsWith("W/") ? bare.substring(2) : bare;
                if (bare.equals("*")
                        || bare.equals("\"" + digest + "\"")
                        || bare.equals(digest.toString())) {
                    return true;
                }
            }
        }
        return false;
    }
}
