package dev.corten.engine.build.step;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.ContainerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What is written down of steps that run, in the exec root: a directory for each, there before
/// anything of the step is and gone after all of it. Nothing of it outlives a boot.
final class StepDirectories {
    private static final int MODE = 0700;
    private static final int GROUP_MAX = 1 << 16;

    /// The path of the control group under each hierarchy.
    private static final String GROUP = "group";

    private final Path root;

    StepDirectories(Path execRoot) {
        this.root = execRoot.resolve("steps");
    }

    private Path of(ContainerId id) {
        return root.resolve(id.hex());
    }

    /// @param group the step's control group, for whoever finds this
    Fd make(ContainerId id, String group) throws IOException {
        String path = of(id).toString();
        if (!mkdir(path)) {
            Files.createDirectories(root);
            FileCalls.mkdir(Fd.CWD, path, MODE);
        }
        Fd directory = FileCalls.openDirectory(path);
        try {
            write(directory, GROUP, group.getBytes(StandardCharsets.UTF_8));
            return directory.transfer();
        } finally {
            directory.close();
        }
    }

    private static boolean mkdir(String path) throws Errno {
        try {
            FileCalls.mkdir(Fd.CWD, path, MODE);
            return true;
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /// A file that anybody may read who has it mounted.
    static void write(Fd directory, String name, byte[] content) throws IOException {
        int flags = FileCalls.O_WRONLY | FileCalls.O_CREAT | FileCalls.O_EXCL;
        try (Fd file = FileCalls.open(directory, name, flags, 0644)) {
            FileCalls.chmod(file, 0644);
            FileData.writeFully(file, content);
        }
    }

    void remove(ContainerId id) throws IOException {
        String path = of(id).toString();
        try (Fd directory = FileCalls.openDirectory(path)) {
            for (DirectoryEntry entry : Directories.list(directory)) {
                FileCalls.unlink(directory, entry.name());
            }
        }
        FileCalls.rmdir(Fd.CWD, path);
    }

    /// Those of an earlier daemon, with their control groups; empty if it ended before it had
    /// written that, so that there is none yet.
    Map<ContainerId, Optional<String>> left() throws IOException {
        var left = new LinkedHashMap<ContainerId, Optional<String>>();
        Optional<Fd> found =
                FileCalls.find(Fd.CWD, root.toString(), FileCalls.O_RDONLY | FileCalls.O_DIRECTORY);
        if (found.isEmpty()) {
            return left;
        }
        try (Fd directory = found.get()) {
            for (DirectoryEntry entry : Directories.list(directory)) {
                left.put(new ContainerId(entry.name().toString()), group(directory, entry));
            }
        }
        return left;
    }

    private static Optional<String> group(Fd directory, DirectoryEntry entry) throws IOException {
        try {
            byte[] text = FileData.readFile(directory, entry.name() + "/" + GROUP, GROUP_MAX);
            return text.length == 0
                    ? Optional.empty()
                    : Optional.of(new String(text, StandardCharsets.UTF_8));
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
