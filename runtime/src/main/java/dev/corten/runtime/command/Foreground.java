package dev.corten.runtime.command;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.process.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/// Stays with a process until it ends, and serves its terminal meanwhile.
final class Foreground {
    private Foreground() {}

    /// The status as a shell counts it.
    static int await(Pidfd process, Optional<Fd> terminal) throws IOException {
        if (terminal.isEmpty()) {
            return process.reap().shellCode();
        }
        Fd stdin = Fd.adopt(0);
        Optional<Terminal.Size> size = Terminal.size(stdin);
        Optional<Terminal.Settings> before = Optional.empty();
        if (size.isPresent()) {
            Terminal.resize(terminal.get(), size.get());
            before = Optional.of(Terminal.raw(stdin));
        }
        try (Fd master = terminal.get()) {
            Thread input =
                    Thread.ofPlatform()
                            .daemon()
                            .name("input")
                            .start(() ->
                                    copy(
                                            FileData.inputStream(stdin),
                                            FileData.outputStream(master)));
            copy(FileData.inputStream(master), FileData.outputStream(Fd.adopt(1)));
            input.interrupt();
            return process.reap().shellCode();
        } finally {
            if (before.isPresent()) {
                Terminal.restore(stdin, before.get());
            }
        }
    }

    private static void copy(InputStream from, OutputStream to) {
        try {
            from.transferTo(to);
        } catch (Errno e) {
            // A terminal whose other end nobody has open ends with EIO.
            if (!e.isAny(Errno.EIO, Errno.EBADF, Errno.EPIPE)) {
                throw new java.io.UncheckedIOException(e);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
