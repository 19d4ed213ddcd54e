package dev.corten.engine.container.process;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Processes as `ps -ef` lists them, read from `/proc`.
public final class HostProcesses {
    /// What the kernel counts in where programs see it, on all architectures: `USER_HZ`.
    private static final int TICKS = 100;

    private static final int PROC_FILE_MAX = 1 << 20;

    private final Clock clock;

    public HostProcesses(Clock clock) {
        this.clock = clock;
    }

    public ProcessTable list(List<Integer> pids) throws IOException {
        Map<Integer, String> names = userNames();
        var listing =
                new FullListing(
                        bootTime(),
                        clock.instant(),
                        ZoneId.systemDefault(),
                        TICKS,
                        uid -> names.getOrDefault(uid, ""),
                        terminal -> Files.exists(Path.of("/dev", terminal)));
        var rows = new ArrayList<List<String>>();
        for (int pid : pids) {
            row(listing, pid).ifPresent(rows::add);
        }
        return new ProcessTable(FullListing.TITLES, rows);
    }

    private static Optional<List<String>> row(FullListing listing, int pid) throws IOException {
        String directory = "/proc/" + pid;
        try {
            // The directory belongs to the effective user.
            int uid = FileCalls.stat(Fd.CWD, directory).uid();
            return listing.row(
                    text(directory + "/stat"),
                    uid,
                    FileData.readFile(Fd.CWD, directory + "/cmdline", PROC_FILE_MAX));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ESRCH)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static String text(String file) throws IOException {
        return new String(FileData.readFile(Fd.CWD, file, PROC_FILE_MAX), StandardCharsets.UTF_8);
    }

    private static Instant bootTime() throws IOException {
        for (String line : text("/proc/stat").split("\n", -1)) {
            if (line.startsWith("btime ")) {
                return Instant.ofEpochSecond(Long.parseLong(line.substring(6).strip()));
            }
        }
        throw new IOException("/proc/stat does not tell when the machine was started");
    }

    /// Of the host: that is where `ps` would run.
    private static Map<Integer, String> userNames() throws IOException {
        var names = new HashMap<Integer, String>();
        try {
            for (String line : Files.readAllLines(Path.of("/etc/passwd"))) {
                String[] fields = line.split(":", -1);
                if (fields.length > 2 && fields[2].matches("[0-9]{1,9}")) {
                    names.putIfAbsent(Integer.parseInt(fields[2]), fields[0]);
                }
            }
        } catch (NoSuchFileException _) {
            // A host without names: numbers do.
        }
        return names;
    }
}
