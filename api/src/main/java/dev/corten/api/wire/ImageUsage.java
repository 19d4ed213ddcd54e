package dev.corten.api.wire;

/// What an image is used for, as far as somebody asked: -1 for what is not known.
///
/// @param containers made of it
/// @param sharedBytes of layers that other images have too
public record ImageUsage(long containers, long sharedBytes) {
    public static final ImageUsage UNKNOWN = new ImageUsage(-1, -1);
}
