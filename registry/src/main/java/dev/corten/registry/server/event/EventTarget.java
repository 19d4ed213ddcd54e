package dev.corten.registry.server.event;

/// What something has happened to; parts that do not apply are `""` or 0.
///
/// @param size in bytes
/// @param from the repository that a blob was mounted from
public record EventTarget(
        String mediaType,
        String digest,
        long size,
        String repository,
        String url,
        String tag,
        String from) {
    public static EventTarget tag(String repository, String tag) {
        return new EventTarget("", "", 0, repository, "", tag, "");
    }

    public static EventTarget digest(String repository, String digest) {
        return new EventTarget("", digest, 0, repository, "", "", "");
    }
}
