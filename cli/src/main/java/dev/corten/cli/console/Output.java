package dev.corten.cli.console;

import dev.corten.cli.failure.Failure;
import dev.corten.model.RawText;
import java.io.IOException;
import java.io.OutputStream;

/// Text to a stream: collected, and written byte-exactly when flushed.
public final class Output {
    private static final int FLUSH_CHARS = 32 * 1024;

    private final OutputStream target;
    private final StringBuilder text = new StringBuilder();

    public Output(OutputStream target) {
        this.target = target;
    }

    public Output print(String more) {
        text.append(more);
        if (text.length() >= FLUSH_CHARS) {
            flush();
        }
        return this;
    }

    public Output line(String more) {
        return print(more).print("\n");
    }

    /// @throws Failure if it cannot be written
    public void flush() {
        if (text.isEmpty()) {
            return;
        }
        try {
            target.write(RawText.encode(text.toString()));
            target.flush();
        } catch (IOException e) {
            throw new Failure("write: " + e.getMessage());
        } finally {
            text.setLength(0);
        }
    }
}
