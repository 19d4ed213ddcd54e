package dev.corten.build.solve;

import dev.corten.model.Digest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;

/// Makes keys.
final class Keys {
    private Keys() {}

    static Digest broad(Operation operation, List<Digest> contents) {
        return key("broad", operation, contents);
    }

    /// @param parts of each input either its content or what the step reads of it
    static Digest narrow(Operation operation, List<Digest> parts) {
        return key("narrow", operation, parts);
    }

    private static Digest key(String kind, Operation operation, List<Digest> parts) {
        MessageDigest hash = Digest.newHash();
        hash.update(
                (kind + "\n" + operation.definition() + "\n").getBytes(StandardCharsets.US_ASCII));
        for (Digest part : parts) {
            hash.update((part + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        return Digest.finish(hash);
    }
}
