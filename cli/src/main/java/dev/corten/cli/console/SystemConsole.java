package dev.corten.cli.console;

import dev.corten.kernel.Fd;
import dev.corten.kernel.process.Terminal;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// The console of this process.
public final class SystemConsole implements Console {
    private final InputStream in = new FileInputStream(FileDescriptor.in);
    private final OutputStream out = new StandardStream(FileDescriptor.out);
    private final OutputStream err = new StandardStream(FileDescriptor.err);

    @Override
    public InputStream in() {
        return in;
    }

    @Override
    public OutputStream out() {
        return out;
    }

    @Override
    public OutputStream err() {
        return err;
    }

    @Override
    public boolean isInTerminal() {
        return isTerminal(0);
    }

    @Override
    public boolean isOutTerminal() {
        return isTerminal(1);
    }

    @Override
    public boolean isErrTerminal() {
        return isTerminal(2);
    }

    /// By the name behind the descriptor: an ioctl would cost the start of the foreign function
    /// interface, some 40 ms, in commands that never touch a terminal.
    private static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        try {
            String target = Files.readSymbolicLink(link).toString();
            return target.startsWith("/dev/pts/")
                    || target.startsWith("/dev/tty")
                    || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public Size size() {
        for (int descriptor : new int[] {1, 2, 0}) {
            if (isTerminal(descriptor)) {
                Optional<Terminal.Size> size = Terminal.size(Fd.adopt(descriptor));
                if (size.isPresent()) {
                    return new Size(size.get().rows(), size.get().columns());
                }
            }
        }
        return new Size(0, 0);
    }

    @Override
    public RawMode raw() throws IOException {
        Fd terminal = Fd.adopt(0);
        return until(terminal, Terminal.raw(terminal));
    }

    @Override
    public RawMode silent() throws IOException {
        Fd terminal = Fd.adopt(0);
        return until(terminal, Terminal.silence(terminal));
    }

    private static RawMode until(Fd terminal, Terminal.Settings before) {
        var restored = new AtomicBoolean();
        RawMode mode =
                () -> {
                    if (restored.compareAndSet(false, true)) {
                        Terminal.restore(terminal, before);
                    }
                };
        // A signal that ends us must not leave the user's shell without echo.
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    try {
                                        mode.close();
                                    } catch (IOException e) {
                                        throw new UncheckedIOException(e);
                                    }
                                },
                                "restore terminal"));
        return mode;
    }
}
