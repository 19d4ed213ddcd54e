package dev.corten.engine.pull;

/// One line of what a pull says while it goes on.
public sealed interface PullMessage {
    /// What it is about: the first digits of a layer's digest, a tag, or `""`.
    String id();

    /// Something that is said once.
    record Note(String id, String text) implements PullMessage {}

    /// What is being done with a layer.
    record Step(String id, String text) implements PullMessage {}

    /// How far it is.
    record Progress(String id, String text, long current, long total) implements PullMessage {}
}
