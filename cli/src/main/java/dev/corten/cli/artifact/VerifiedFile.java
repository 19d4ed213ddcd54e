package dev.corten.cli.artifact;

import dev.corten.cli.failure.Failure;
import dev.corten.model.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;

/// A file that appears by one rename, when it is whole and has the right digest.
final class VerifiedFile {
    private static final int RANDOM_BYTES = 8;

    private final Path place;

    /// Whether it is written to where it is: a terminal or pipe that the user names.
    private final boolean device;

    private VerifiedFile(Path place, boolean device) {
        this.place = place;
        this.device = device;
    }

    /// A path of the user's: links are followed.
    static VerifiedFile at(Path path) throws IOException {
        Path absolute = path.toAbsolutePath();
        boolean ours = absolute.startsWith("/dev") || absolute.startsWith("/proc");
        return Files.isRegularFile(path) && !ours
                ? new VerifiedFile(path.toRealPath(), false)
                : new VerifiedFile(path, Files.exists(path));
    }

    /// A name of a stranger's. Whatever has it, a link too, is replaced, and not followed.
    static VerifiedFile in(Path directory, String name) {
        return new VerifiedFile(directory.resolve(name), false);
    }

    void write(InputStream source, Digest expected) throws IOException {
        if (device) {
            // Behind what is there: it may be our own output, and that a file.
            try (OutputStream out =
                    Files.newOutputStream(
                            place, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
                copy(source, out, expected);
            }
            return;
        }
        if (Files.isDirectory(place, LinkOption.NOFOLLOW_LINKS)) {
            throw new Failure("open " + place + ": is a directory");
        }
        Path folder = place.toAbsolutePath().getParent();
        if (folder == null) {
            throw new Failure("open " + place + ": is a directory");
        }
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        Path temporary = folder.resolve(".corten-" + HexFormat.of().formatHex(random));
        try {
            try (OutputStream out =
                    Files.newOutputStream(
                            temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                copy(source, out, expected);
            }
            Files.move(
                    temporary,
                    place,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            throw new Failure("open " + place + ": no such file or directory");
        } catch (AccessDeniedException e) {
            throw new Failure("open " + place + ": permission denied");
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private void copy(InputStream source, OutputStream target, Digest expected) throws IOException {
        MessageDigest hash = Digest.newHash();
        var out = new DigestOutputStream(target, hash);
        source.transferTo(out);
        out.flush();
        Digest actual = Digest.finish(hash);
        if (!actual.equals(expected)) {
            throw new Failure(
                    "blob " + expected + " is damaged: what came has the digest " + actual);
        }
    }
}
