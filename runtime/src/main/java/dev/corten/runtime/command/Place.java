package dev.corten.runtime.command;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.runtime.bundle.Document;
import dev.corten.runtime.bundle.Value;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where the containers of a `--root` are.
///
/// @param lib the directory with the shim
record Place(Path root, Path lib) {
    private static final int MAX_STATE = 1 << 20;
    private static final int MAX_CONFIG = 8 << 20;
    private static final String STATE = "state.json";
    private static final String CONFIG = "config.json";

    Path shim() {
        return lib.resolve("corten-shim");
    }

    Path directory(String id) {
        return root.resolve(id);
    }

    /// The fifo at which a container waits for its start; gone afterwards.
    Path gate(String id) {
        return directory(id).resolve("exec.fifo");
    }

    /// The container's `config.json` as it was when it was created.
    Path config(String id) {
        return directory(id).resolve(CONFIG);
    }

    static void check(String id) throws Failure {
        if (!id.matches("[\\w+.-]+") || id.equals(".") || id.equals("..")) {
            throw new Failure("invalid container ID format: " + id);
        }
    }

    /// Makes the directory of a new container.
    void reserve(String id, Path bundle) throws IOException, Failure {
        check(id);
        Files.createDirectories(root);
        try {
            FileCalls.mkdir(Fd.CWD, directory(id).toString(), 0711);
        } catch (Errno e) {
            if (e.is(Errno.EEXIST)) {
                throw new Failure("container with given ID already exists", e);
            }
            throw e;
        }
        byte[] config = FileData.readFile(Fd.CWD, bundle.resolve(CONFIG).toString(), MAX_CONFIG);
        Files.write(config(id), config);
    }

    void save(ContainerRecord container) throws IOException {
        replace(directory(container.id()).resolve(STATE), Document.write(container.tree()));
    }

    /// Writes a file that is there as a whole or not at all.
    static void replace(Path file, byte[] content) throws IOException {
        Path temporary = file.resolveSibling("." + file.getFileName());
        Files.write(temporary, content);
        Files.move(temporary, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    ContainerRecord load(String id) throws IOException, Failure {
        check(id);
        return find(id).orElseThrow(() -> Failure.unknown(id));
    }

    Optional<ContainerRecord> find(String id) throws IOException {
        try {
            byte[] text =
                    FileData.readFile(Fd.CWD, directory(id).resolve(STATE).toString(), MAX_STATE);
            Value state = Document.parse(STATE, text);
            return Optional.of(ContainerRecord.read(state));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENOTDIR)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// All of them by name.
    List<ContainerRecord> all() throws IOException {
        var all = new ArrayList<ContainerRecord>();
        if (!Files.isDirectory(root)) {
            return all;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root)) {
            for (Path directory : found) {
                find(directory.getFileName().toString()).ifPresent(all::add);
            }
        }
        all.sort(java.util.Comparator.comparing(ContainerRecord::id));
        return all;
    }

    /// Removes what is known of a container.
    void forget(String id) throws IOException {
        Path directory = directory(id);
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }
}
