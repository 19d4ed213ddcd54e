package dev.corten.api.build;

import dev.corten.api.wire.JsonInput;
import dev.corten.model.InvalidParameter;

/// A context, as a request has it.
sealed interface ContextJson {
    /// A directory of the client.
    ///
    /// @param key the same for the same directory
    record Local(String key) implements ContextJson {}

    /// An archive that the client sends.
    record Tar() implements ContextJson {}

    record Git(String url) implements ContextJson {}

    record Http(String url) implements ContextJson {}

    record Image(String reference) implements ContextJson {}

    /// A directory of the client with images.
    ///
    /// @param reference `:tag`, `@digest`, or nothing
    record Layout(String reference) implements ContextJson {}

    static ContextJson read(JsonInput in) {
        String type = in.text("type");
        return switch (type) {
            case "local" -> new Local(required(in, "key"));
            case "tar" -> new Tar();
            case "git" -> new Git(required(in, "url"));
            case "http" -> new Http(required(in, "url"));
            case "image" -> new Image(required(in, "reference"));
            case "oci-layout" -> new Layout(in.text("reference"));
            default -> throw new InvalidParameter("unknown type of context: " + type);
        };
    }

    private static String required(JsonInput in, String key) {
        String value = in.text(key);
        if (value.isEmpty()) {
            throw new InvalidParameter("context without " + key);
        }
        return value;
    }
}
