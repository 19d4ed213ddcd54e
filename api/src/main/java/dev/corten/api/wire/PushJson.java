package dev.corten.api.wire;

import dev.corten.engine.push.PushMessage;
import dev.corten.model.Digest;
import dev.corten.model.image.Descriptor;

/// The messages of a push.
public final class PushJson {
    private PushJson() {}

    public static byte[] message(PushMessage message) {
        return switch (message) {
            case PushMessage.Note(String text) -> ImageJson.status(text);
            case PushMessage.Step(String id, String text) -> ImageJson.status(text, id);
            case PushMessage.Progress(String id, String text, long current, long total) ->
                    ImageJson.progress(text, id, current, total);
            case PushMessage.Pushed(String tag, Digest digest, long size) ->
                    Json.escapedObject(o ->
                                    o.object("progressDetail", _ -> {})
                                            .object(
                                                    "aux",
                                                    a ->
                                                            a.text("Tag", tag)
                                                                    .text(
                                                                            "Digest",
                                                                            digest.toString())
                                                                    .number("Size", size)))
                            .message();
            case PushMessage.InsteadOfIndex(Descriptor index, Descriptor manifest) ->
                    Json.escapedObject(o ->
                                    o.object("progressDetail", _ -> {})
                                            .object("aux", a -> instead(a, index, manifest)))
                            .message();
        };
    }

    private static void instead(Json out, Descriptor index, Descriptor manifest) {
        out.flag("manifestPushedInsteadOfIndex", true)
                .object("originalIndex", d -> descriptor(d, index))
                .object("selectedManifest", d -> descriptor(d, manifest));
    }

    private static void descriptor(Json out, Descriptor descriptor) {
        out.text("mediaType", descriptor.mediaType())
                .text("digest", descriptor.digest().toString())
                .number("size", descriptor.size());
    }
}
