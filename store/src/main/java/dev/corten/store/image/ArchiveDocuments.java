package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.store.document.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The JSON files of an archive, and which others it has.
///
/// @param documents by their path
/// @param oversized paths of files that are too large for one
/// @param others tells of every other path whether the archive has it
record ArchiveDocuments(
        Map<String, byte[]> documents, Set<String> oversized, Predicate<String> others) {
    private static final String BLOBS = "blobs/sha256/";

    /// Whether there is such a file, read or not.
    boolean has(String path) {
        return documents.containsKey(path) || oversized.contains(path) || others.test(path);
    }

    /// @throws InvalidParameter if it is not there, or too large
    byte[] get(String path) {
        if (oversized.contains(path)) {
            throw new InvalidParameter(path + " is larger than " + Json.MAX_DOCUMENT + " bytes");
        }
        byte[] bytes = documents.get(path);
        if (bytes == null) {
            throw new InvalidParameter("archive is incomplete: " + path + " is missing");
        }
        return bytes;
    }

    /// A document whose name states its digest.
    byte[] checked(String path) {
        byte[] bytes = get(path);
        statedDigest(path)
                .ifPresent(stated -> {
                    Digest actual = Digest.of(bytes);
                    if (!stated.equals(actual)) {
                        throw new InvalidParameter(path + " is damaged: its digest is " + actual);
                    }
                });
        return bytes;
    }

    /// `blobs/sha256/<hex>` and `<hex>.json` say what is in them.
    static Optional<Digest> statedDigest(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        boolean blob = isBlob(path);
        String hex = !blob && name.endsWith(".json") ? name.substring(0, name.length() - 5) : name;
        return (blob || !hex.equals(name)) && hex.matches("[0-9a-f]{64}")
                ? Optional.of(new Digest(hex))
                : Optional.empty();
    }

    /// Of the path of a [#blob].
    static Digest stated(String blob) {
        return statedDigest(blob).orElseThrow();
    }

    static boolean isBlob(String path) {
        return path.startsWith(BLOBS);
    }

    static String blob(Digest digest) {
        return BLOBS + digest.hex();
    }

    /// A member's path without `./`, `..` and slashes around it.
    static String path(String text) {
        var parts = new ArrayList<String>();
        for (String part : List.of(text.split("/"))) {
            if (part.equals("..")) {
                if (!parts.isEmpty()) {
                    parts.removeLast();
                }
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return String.join("/", parts);
    }
}
