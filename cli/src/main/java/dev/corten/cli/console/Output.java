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

    /// @throws Failure if nobody reads the output any more
    public void flush() {
        if (text.isEmpty()) {
            return;
        }
        try {
            target.write(RawText.encode(text.toString()));
            target.flush();
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            // What a program that is killed by SIGPIPE reports.
            throw reason.indexOf("Broken pipe") >= 0
                    ? new Failure("", 141)
                    : new Failure("write: " + reason);
        } finally {
            text.setLength(0);
        }
    }
}
