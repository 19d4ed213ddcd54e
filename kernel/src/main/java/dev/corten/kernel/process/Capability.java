package dev.corten.kernel.process;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The capabilities of capabilities(7). Sets of them are bit masks as in `/proc/<pid>/status`.
public enum Capability {
    CAP_CHOWN(0),
    CAP_DAC_OVERRIDE(1),
    CAP_DAC_READ_SEARCH(2),
    CAP_FOWNER(3),
    CAP_FSETID(4),
    CAP_KILL(5),
    CAP_SETGID(6),
    CAP_SETUID(7),
    CAP_SETPCAP(8),
    CAP_LINUX_IMMUTABLE(9),
    CAP_NET_BIND_SERVICE(10),
    CAP_NET_BROADCAST(11),
    CAP_NET_ADMIN(12),
    CAP_NET_RAW(13),
    CAP_IPC_LOCK(14),
    CAP_IPC_OWNER(15),
    CAP_SYS_MODULE(16),
    CAP_SYS_RAWIO(17),
    CAP_SYS_CHROOT(18),
    CAP_SYS_PTRACE(19),
    CAP_SYS_PACCT(20),
    CAP_SYS_ADMIN(21),
    CAP_SYS_BOOT(22),
    CAP_SYS_NICE(23),
    CAP_SYS_RESOURCE(24),
    CAP_SYS_TIME(25),
    CAP_SYS_TTY_CONFIG(26),
    CAP_MKNOD(27),
    CAP_LEASE(28),
    CAP_AUDIT_WRITE(29),
    CAP_AUDIT_CONTROL(30),
    CAP_SETFCAP(31),
    CAP_MAC_OVERRIDE(32),
    CAP_MAC_ADMIN(33),
    CAP_SYSLOG(34),
    CAP_WAKE_ALARM(35),
    CAP_BLOCK_SUSPEND(36),
    CAP_AUDIT_READ(37),
    CAP_PERFMON(38),
    CAP_BPF(39),
    CAP_CHECKPOINT_RESTORE(40);

    private final int number;

    Capability(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /// This capability as a set.
    public long bit() {
        return 1L << number;
    }

    /// The capability of a name such as `CAP_NET_ADMIN` or `net_admin`.
    public static Optional<Capability> parse(String name) {
        String full = name.toUpperCase(Locale.ROOT);
        if (!full.startsWith("CAP_")) {
            full = "CAP_" + full;
        }
        for (Capability capability : values()) {
            if (capability.name().equals(full)) {
                return Optional.of(capability);
            }
        }
        return Optional.empty();
    }

    /// The set of these.
    public static long mask(Collection<Capability> capabilities) {
        long mask = 0;
        for (Capability capability : capabilities) {
            mask |= capability.bit();
        }
        return mask;
    }

    /// The members of a set, in the order of their numbers; bits without a name are left out.
    public static List<Capability> of(long mask) {
        var list = new ArrayList<Capability>();
        for (Capability capability : values()) {
            if ((mask & capability.bit()) != 0) {
                list.add(capability);
            }
        }
        return list;
    }

    /// The set that this process can ever give to others.
    public static long bounding() throws IOException {
        return status("CapBnd:");
    }

    /// The set that this process has now.
    public static long effective() throws IOException {
        return status("CapEff:");
    }

    private static long status(String key) throws IOException {
        byte[] bytes = FileData.readFile(Fd.CWD, "/proc/self/status", 1 << 16);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = text.indexOf(key);
        if (at < 0) {
            throw new IOException("/proc/self/status has no " + key);
        }
        int end = text.indexOf('\n', at);
        return Long.parseUnsignedLong(text.substring(at + key.length(), end).strip(), 16);
    }
}
