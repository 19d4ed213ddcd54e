package dev.corten.engine.build.classic;

import java.util.function.Consumer;

/// Tells the client. Several threads may: images are pulled while others are waited for.
final class Narrator {
    private final Consumer<ClassicMessage> out;

    Narrator(Consumer<ClassicMessage> out) {
        this.out = out;
    }

    synchronized void tell(ClassicMessage message) {
        out.accept(message);
    }

    void text(String text) {
        tell(new ClassicMessage.Text(text));
    }
}
