package dev.corten.cli.console;

import dev.corten.client.FrameReader;
import dev.corten.client.Upgraded;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/// Joins our standard streams with those of a container or an exec.
///
/// The caller's thread copies the output. Input has a daemon thread of its own, which may wait for
/// a key for ever; it ends with the process.
public final class AttachedStreams implements AutoCloseable {
    private static final int BUFFER_BYTES = 32 * 1024;

    private final Upgraded stream;
    private final Console console;
    private final boolean tty;
    private final boolean input;
    private final DetachKeys keys;
    private volatile boolean detached;
    private Console.@Nullable RawMode raw;

    /// @param input whether our standard input goes to the other side
    public AttachedStreams(
            Upgraded stream, Console console, boolean tty, boolean input, DetachKeys keys) {
        this.stream = stream;
        this.console = console;
        this.tty = tty;
        this.input = input;
        this.keys = keys;
    }

    /// Switches the terminal to raw mode if it is the other side's, and begins to send input.
    public AttachedStreams start() throws IOException {
        if (!input) {
            // No one will ever write: the other side sees the end of its input at once only if it
            // was asked to have one, so nothing is closed here.
            return this;
        }
        if (tty && console.isInTerminal()) {
            raw = console.raw();
        }
        var pump = new Thread(this::pump, "stdin");
        pump.setDaemon(true);
        pump.start();
        return this;
    }

    private void pump() {
        try {
            InputStream in = console.in();
            OutputStream out = stream.output();
            var buffer = new byte[BUFFER_BYTES];
            while (true) {
                int count = in.read(buffer);
                if (count < 0) {
                    stream.closeWrite();
                    return;
                }
                if (!tty) {
                    out.write(buffer, 0, count);
                } else if (keys.pass(buffer, count, out)) {
                    detached = true;
                    stream.close();
                    return;
                }
            }
        } catch (IOException e) {
            // The container has ended or closed its input: the output's end tells the rest.
            return;
        }
    }

    /// Copies output until the other side ends or the user detaches.
    ///
    /// @return whether the user detached
    public boolean copyOutput() throws IOException {
        try {
            if (tty) {
                InputStream in = stream.input();
                OutputStream out = console.out();
                var buffer = new byte[BUFFER_BYTES];
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    out.write(buffer, 0, count);
                    out.flush();
                }
            } else {
                new FrameReader(stream.input()).copyTo(console.out(), console.err());
            }
        } catch (IOException e) {
            if (!detached) {
                throw e;
            }
        }
        return detached;
    }

    /// Ends raw mode, so that a line can be printed; closing does it too.
    public void restoreTerminal() throws IOException {
        Console.RawMode mode = raw;
        raw = null;
        if (mode != null) {
            mode.close();
        }
    }

    @Override
    public void close() throws IOException {
        try (stream) {
            restoreTerminal();
        }
    }
}
