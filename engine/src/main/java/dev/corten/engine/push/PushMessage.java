package dev.corten.engine.push;

import dev.corten.model.Digest;
import dev.corten.model.image.Descriptor;

/// What a client hears of a push.
public sealed interface PushMessage {
    record Note(String text) implements PushMessage {}

    /// @param id of a layer: the first digits of its diff ID
    record Step(String id, String text) implements PushMessage {}

    record Progress(String id, String text, long current, long total) implements PushMessage {}

    /// A tag is there now.
    record Pushed(String tag, Digest digest, long size) implements PushMessage {}

    /// One image was sent, as others of its index are not here.
    record InsteadOfIndex(Descriptor index, Descriptor manifest) implements PushMessage {}
}
