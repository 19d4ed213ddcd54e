package dev.corten.cli.console;

import dev.corten.cli.failure.Failure;
import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import dev.corten.client.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/// An archive that the daemon sends, to standard output or to a file. The file appears when it is
/// whole: what breaks off in between leaves what was there before.
public final class Download {
    private static final int BUFFER_BYTES = 128 * 1024;

    private final Console console;
    private final String output;
    private final String doing;

    /// @param output the file; empty for standard output
    /// @param doing what fails, for messages: `save image`
    /// @throws Failure if it would go to a terminal, or the file cannot be written
    public Download(Console console, String output, String doing) {
        this.console = console;
        this.output = output;
        this.doing = doing;
        if (output.isEmpty() && console.isOutTerminal()) {
            throw new Failure(
                    "cowardly refusing to save to a terminal. Use the -o flag or redirect");
        }
        if (!output.isEmpty()) {
            check();
        }
    }

    private void check() {
        Path file = Path.of(output);
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw refused(
                    "invalid output path: stat " + shown(folder) + ": no such file or directory");
        }
        if (Files.isDirectory(file)) {
            throw refused("cannot write to a directory");
        }
    }

    private String shown(Path absolute) {
        Path given = Path.of(output).getParent();
        return String.valueOf(given == null ? absolute : given);
    }

    private Failure refused(String why) {
        return new Failure("failed to " + doing + ": " + why);
    }

    /// Sends the request and writes what comes.
    public void take(ApiClient api, Request request) throws IOException {
        try (Response response = api.send(request)) {
            if (output.isEmpty()) {
                OutputStream out = console.out();
                copy(response.body(), out);
                out.flush();
                return;
            }
            Path target = Path.of(output);
            boolean plain =
                    !Files.exists(target, LinkOption.NOFOLLOW_LINKS) || Files.isRegularFile(target);
            if (!plain) {
                // A device or pipe is written to where it is.
                try (OutputStream out = Files.newOutputStream(target)) {
                    copy(response.body(), out);
                }
                return;
            }
            replace(Files.exists(target) ? target.toRealPath() : target, response.body());
        } catch (AccessDeniedException e) {
            throw refused("open " + e.getFile() + ": permission denied");
        }
    }

    private static void replace(Path target, InputStream source) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        Path temporary =
                Files.createTempFile(
                        folder,
                        ".tmp-" + target.getFileName(),
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try {
            try (OutputStream out = Files.newOutputStream(temporary)) {
                copy(source, out);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void copy(InputStream source, OutputStream target) throws IOException {
        var buffer = new byte[BUFFER_BYTES];
        for (int count = source.read(buffer); count >= 0; count = source.read(buffer)) {
            target.write(buffer, 0, count);
        }
    }
}
