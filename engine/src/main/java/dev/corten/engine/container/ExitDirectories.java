package dev.corten.engine.container;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.ContainerId;
import dev.corten.runtime.ExitFile;
import dev.corten.runtime.ExitStatus;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// Where monitors write how their containers ended: a directory for each in the exec root.
final class ExitDirectories {
    private final Path root;

    ExitDirectories(Path execRoot) {
        this.root = execRoot.resolve("containers");
    }

    private Path of(ContainerId id) {
        return root.resolve(id.hex());
    }

    /// For a start: there, and with nothing of the run before.
    Path make(ContainerId id) throws IOException {
        Path exit = of(id);
        Files.createDirectories(exit);
        Files.deleteIfExists(exit.resolve(ExitFile.NAME));
        return exit;
    }

    Optional<ExitStatus> read(ContainerId id) throws IOException {
        Optional<Fd> directory =
                FileCalls.find(
                        Fd.CWD,
                        of(id).toString(),
                        FileCalls.O_RDONLY | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC);
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        try (Fd fd = directory.get()) {
            return ExitFile.read(fd);
        }
    }

    void remove(ContainerId id) throws IOException {
        clear(of(id));
    }

    private static void clear(Path exit) throws IOException {
        Files.deleteIfExists(exit.resolve(ExitFile.NAME));
        // A monitor that was killed at its last word.
        Files.deleteIfExists(exit.resolve("." + ExitFile.NAME + ".tmp"));
        Files.deleteIfExists(exit);
    }

    /// Removes those that an earlier daemon has left of containers that do not run.
    void removeOthers(Set<ContainerId> running) throws IOException {
        Files.createDirectories(root);
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root, "[0-9a-f]*")) {
            for (Path exit : found) {
                if (!running.contains(new ContainerId(exit.getFileName().toString()))) {
                    clear(exit);
                }
            }
        }
    }
}
