package dev.corten.engine.build.classic;

import dev.corten.engine.pull.PullMessage;
import dev.corten.model.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What a client reads of a classic build.
public sealed interface ClassicMessage {
    /// Text, with the ends of its lines.
    record Text(String text) implements ClassicMessage {}

    /// The image that a stage has come to.
    record Stage(Digest image) implements ClassicMessage {}

    /// How far an image is that the build begins with.
    record Pull(List<PullMessage> messages) implements ClassicMessage {
        public Pull {
            messages = List.copyOf(messages);
        }
    }

    /// The colour that people see errors in, and the end of it.
    static Text output(int stream, byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        return new Text(stream == 2 ? "\u001b[91m" + text + "\u001b[0m" : text);
    }
}
