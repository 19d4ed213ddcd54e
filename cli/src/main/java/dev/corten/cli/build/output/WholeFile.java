package dev.corten.cli.build.output;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/// A file that appears when it is whole: what breaks off in between leaves what was there before.
public final class WholeFile {
    private static final int BUFFER = 128 << 10;

    private WholeFile() {}

    public static void write(String name, byte[] content) throws IOException {
        write(name, out -> out.write(content));
    }

    /// Copies [source] to its end.
    public static void copy(String name, InputStream source) throws IOException {
        write(name, out -> copy(source, out));
    }

    public static void copy(InputStream source, OutputStream target) throws IOException {
        var buffer = new byte[BUFFER];
        for (int count = source.read(buffer); count >= 0; count = source.read(buffer)) {
            target.write(buffer, 0, count);
        }
    }

    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    private static void write(String name, Content content) throws IOException {
        try {
            place(name, content);
        } catch (FileSystemException e) {
            throw FileFailures.of(name, e);
        }
    }

    private static void place(String name, Content content) throws IOException {
        Path given = Path.of(name);
        if (Files.exists(given, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(given)) {
            // A device or pipe is written to where it is.
            try (OutputStream out = Files.newOutputStream(given)) {
                content.writeTo(out);
            }
            return;
        }
        Path target = Files.exists(given) ? given.toRealPath() : given.toAbsolutePath();
        Path folder = target.getParent();
        Path temporary =
                Files.createTempFile(
                        folder,
                        ".tmp-" + target.getFileName(),
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-r--r--")));
        try {
            try (OutputStream out = Files.newOutputStream(temporary)) {
                content.writeTo(out);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
