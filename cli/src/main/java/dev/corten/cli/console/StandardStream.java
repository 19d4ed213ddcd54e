package dev.corten.cli.console;

import dev.corten.cli.failure.Failure;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Standard output or standard error.
///
/// Who stops reading ends the command without a word, as SIGPIPE, which the JVM ignores, ends other
/// programs: `corten logs c | head -1`.
final class StandardStream extends OutputStream {
    /// What a shell reports of a program that is killed by SIGPIPE.
    private static final int BROKEN_PIPE = 128 + 13;

    private final OutputStream target;

    StandardStream(FileDescriptor descriptor) {
        this.target = new FileOutputStream(descriptor);
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    /// @throws Failure if it cannot be written
    @Override
    public void write(byte[] bytes, int offset, int length) {
        try {
            target.write(bytes, offset, length);
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage());
            throw reason.contains("Broken pipe")
                    ? new Failure("", BROKEN_PIPE)
                    : new Failure("write: " + reason);
        }
    }
}
