package dev.corten.engine.exec;

import dev.corten.engine.image.Images;
import dev.corten.kernel.Fd;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.store.Durable;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Tools that a debug shell brings along into a container that has none: the files of an image, or
/// the host's own static busybox with a name for each of its programs.
///
/// The latter is made once, in `toolbox/<12 digits>` of the data root, named after the program.
public final class Toolboxes {
    private static final List<Path> BUSYBOX =
            List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/busybox"));
    private static final int LIST_SECONDS = 10;
    private static final long MAX_BYTES = 64 << 20;
    private static final int DIGITS = 12;
    private static final String UNFINISHED = ".new-";

    // elf.h
    private static final int ELF_64 = 2;
    private static final int PHOFF = 32;
    private static final int PHENTSIZE = 54;
    private static final int PHNUM = 56;
    private static final int PT_INTERP = 3;

    private final Path directory;
    private final Durable durable;
    private final Images images;
    private final Snapshots snapshots;

    /// @param directory `<data-root>/toolbox`
    public Toolboxes(Path directory, Durable durable, Images images, Snapshots snapshots) {
        this.directory = directory;
        this.durable = durable;
        this.images = images;
        this.snapshots = snapshots;
    }

    /// The tools as a read-only mount that is nowhere yet. The caller closes it.
    ///
    /// @param image by name or ID; empty for the host's busybox
    /// @throws NotFound if there is no such image, or no static busybox
    Fd open(String image) throws IOException, InterruptedException {
        if (image.isEmpty()) {
            return readOnly(Mounts.openTree(Fd.CWD, busybox().toString(), Mounts.OPEN_TREE_CLONE));
        }
        Digest chain =
                images.inspect(image)
                        .chainId()
                        .orElseThrow(
                                () -> new InvalidParameter("image " + image + " has no files"));
        return readOnly(snapshots.mountReadOnly(chain));
    }

    /// The host's tools, where they are on the host.
    public Path ofHost() throws IOException, InterruptedException {
        return busybox();
    }

    /// Looks for what [#open] needs, so that a wrong request has no effect.
    public void check(String image) throws IOException {
        if (image.isEmpty()) {
            program();
        } else {
            images.inspect(image);
        }
    }

    private static Fd readOnly(Fd mount) throws IOException {
        boolean done = false;
        try {
            Mounts.setAttributes(
                    mount,
                    false,
                    Mounts.MOUNT_ATTR_RDONLY | Mounts.MOUNT_ATTR_NODEV | Mounts.MOUNT_ATTR_NOSUID,
                    0,
                    Mounts.MS_PRIVATE,
                    null);
            done = true;
            return mount;
        } finally {
            if (!done) {
                mount.close();
            }
        }
    }

    private static Path program() throws IOException {
        for (Path program : BUSYBOX) {
            if (Files.isExecutable(program)
                    && Files.size(program) <= MAX_BYTES
                    && isStatic(Files.readAllBytes(program))) {
                return program;
            }
        }
        throw new NotFound(
                "no toolbox: the daemon's host has no static busybox (Debian: busybox-static); name"
                        + " an image with --image");
    }

    /// A program that names no loader needs nothing of the container's files.
    static boolean isStatic(byte[] elf) {
        if (elf.length < 64 || elf[0] != 0x7f || elf[1] != 'E' || elf[4] != ELF_64) {
            return false;
        }
        var bytes = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
        long start = bytes.getLong(PHOFF);
        int size = bytes.getShort(PHENTSIZE);
        int count = bytes.getShort(PHNUM);
        for (int i = 0; i < count; i++) {
            long at = start + (long) i * size;
            if (at < 0 || at + 4 > elf.length || bytes.getInt((int) at) == PT_INTERP) {
                return false;
            }
        }
        return true;
    }

    /// Removes what a daemon that died has left half made. Before the first request.
    public void open() throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (var unfinished = Files.newDirectoryStream(directory, UNFINISHED + "*")) {
            for (Path each : unfinished) {
                delete(each);
            }
        }
    }

    /// Two callers may make it at once, each for itself: one of them is second with the rename.
    private Path busybox() throws IOException, InterruptedException {
        Path program = program();
        byte[] content = Files.readAllBytes(program);
        Path made = directory.resolve(Digest.of(content).hex().substring(0, DIGITS));
        if (Files.isDirectory(made)) {
            return made;
        }
        durable.createDirectories(directory);
        Path fresh = Files.createTempDirectory(directory, UNFINISHED);
        try {
            fill(fresh, program, content);
            durable.rename(fresh, made);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(made)) {
                throw e;
            }
        } finally {
            delete(fresh);
        }
        return made;
    }

    private static void fill(Path fresh, Path program, byte[] content)
            throws IOException, InterruptedException {
        readable(fresh);
        Path bin = Files.createDirectory(fresh.resolve("bin"));
        readable(bin);
        Path own = Files.write(bin.resolve("busybox"), content);
        readable(own);
        for (String name : programs(program, fresh.resolve("list"))) {
            if (name.matches("[\\w.+\\[-]{1,64}") && !name.equals("busybox")) {
                Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
            }
        }
    }

    /// A directory of ours, if it is there.
    private static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> below = Files.walk(folder)) {
            for (Path each : below.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /// For users of containers too, whatever the umask.
    private static void readable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// @param list a file to use meanwhile: reading a pipe would have no limit in time
    private static List<String> programs(Path busybox, Path list)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(busybox.toString(), "--list")
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                        .redirectOutput(list.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (!process.waitFor(LIST_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(busybox + " does not list its programs");
        }
        List<String> names = Files.readAllLines(list, StandardCharsets.US_ASCII);
        Files.delete(list);
        return names;
    }
}
