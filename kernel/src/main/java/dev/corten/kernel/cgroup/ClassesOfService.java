package dev.corten.kernel.cgroup;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/// The classes in which the host shares the processor's caches and memory bandwidth (Intel RDT and
/// its like): directories of the file system `resctrl`, made by the host's administrator.
///
/// A process is in one class; its children are born there.
public final class ClassesOfService {
    public static final String ROOT = "/sys/fs/resctrl";

    /// Directories of the file system's own.
    private static final Set<String> RESERVED = Set.of("info", "mon_data", "mon_groups", ".", "..");

    private static final int MAX_FILE = 4096;

    private final String root;

    /// @param root usually [#ROOT]
    public ClassesOfService(String root) {
        this.root = root;
    }

    /// Whether a name can be that of a class.
    public static boolean isName(String name) {
        return !name.isEmpty()
                && !RESERVED.contains(name)
                && name.chars().noneMatch(c -> c == '/' || Character.isISOControl(c));
    }

    /// Whether there are any on this host: the file system is mounted.
    public boolean areThere() throws IOException {
        Optional<Fd> tasks = find("");
        tasks.ifPresent(Fd::close);
        return tasks.isPresent();
    }

    public boolean has(String name) throws IOException {
        Optional<Fd> tasks = isName(name) ? find("/" + name) : Optional.empty();
        tasks.ifPresent(Fd::close);
        return tasks.isPresent();
    }

    /// What a process writes `0` to that joins the class.
    public Fd open(String name) throws IOException {
        Optional<Fd> tasks = isName(name) ? find("/" + name) : Optional.empty();
        return tasks.orElseThrow(() -> new IOException("there is no RDT class \"" + name + "\""));
    }

    private Optional<Fd> find(String directory) throws Errno {
        return FileCalls.find(
                Fd.CWD, root + directory + "/tasks", FileCalls.O_WRONLY | FileCalls.O_CLOEXEC);
    }

    /// The class that a process is in; empty for the host's own, and where there are none.
    public static Optional<String> of(int pid) throws IOException {
        try {
            byte[] text =
                    FileData.readFile(Fd.CWD, "/proc/" + pid + "/cpu_resctrl_groups", MAX_FILE);
            return parse(new String(text, StandardCharsets.UTF_8));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ESRCH)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// @param groups `res:CLASS` and `mon:GROUP`, a line each
    static Optional<String> parse(String groups) {
        return groups.lines()
                .filter(line -> line.startsWith("res:"))
                .map(line -> line.substring("res:".length()))
                .filter(ClassesOfService::isName)
                .findFirst();
    }
}
