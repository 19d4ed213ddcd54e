package dev.corten.kernel.process;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;

/// What tells a process from every other one, before or after: numbers are reused.
///
/// @param bootId `/proc/sys/kernel/random/boot_id`
/// @param startTicks field 22 of `/proc/<pid>/stat`: clock ticks since boot
public record ProcessIdentity(String bootId, int pid, long startTicks) {
    private static final int STAT_MAX = 8192;

    /// The identity of whatever has this number now, empty if nothing does. A zombie counts.
    public static Optional<ProcessIdentity> of(int pid) throws IOException {
        Optional<Stat> stat = stat(pid);
        if (stat.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new ProcessIdentity(currentBootId(), pid, stat.get().startTicks()));
    }

    /// Whether this process is there and no zombie.
    public boolean isAlive() throws IOException {
        Optional<Stat> stat = stat(pid);
        return stat.isPresent()
                && stat.get().startTicks() == startTicks
                && stat.get().state() != 'Z'
                && stat.get().state() != 'X'
                && currentBootId().equals(bootId);
    }

    /// Who waits for this process, be it a zombie; empty if it is gone.
    public OptionalInt parent() throws IOException {
        Optional<Stat> stat = stat(pid);
        return stat.isPresent()
                        && stat.get().startTicks() == startTicks
                        && currentBootId().equals(bootId)
                ? OptionalInt.of(stat.get().parent())
                : OptionalInt.empty();
    }

    /// The id of this boot.
    public static String currentBootId() throws IOException {
        byte[] text = FileData.readFile(Fd.CWD, "/proc/sys/kernel/random/boot_id", 64);
        return new String(text, StandardCharsets.US_ASCII).strip();
    }

    private record Stat(char state, int parent, long startTicks) {}

    private static Optional<Stat> stat(int pid) throws IOException {
        byte[] bytes;
        try {
            bytes = FileData.readFile(Fd.CWD, "/proc/" + pid + "/stat", STAT_MAX);
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ESRCH)) {
                return Optional.empty();
            }
            throw e;
        }
        // The second field is the command's name in parentheses, with any characters in it.
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.lastIndexOf(')') + 2;
        char state = text.charAt(at);
        int parent = Integer.parseInt(text, at + 2, text.indexOf(' ', at + 2), 10);
        for (int field = 3; field < 22; field++) {
            at = text.indexOf(' ', at) + 1;
        }
        return Optional.of(
                new Stat(state, parent, Long.parseLong(text, at, text.indexOf(' ', at), 10)));
    }
}
