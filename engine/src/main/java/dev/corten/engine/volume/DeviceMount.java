package dev.corten.engine.volume;

import dev.corten.kernel.Errno;
import dev.corten.kernel.mount.MountInfo;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.Internal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The mount of a volume that was made with options of the `local` driver: what
/// `mount -t TYPE -o O DEVICE` would mount, on the volume's directory. Every call here may block
/// for as long as a server does not answer.
///
/// @param flags `MS_…` of mount(2)
/// @param data what is the file system's own
record DeviceMount(String device, String type, long flags, long propagation, String data) {
    private record Flag(boolean clear, long bits) {}

    private static final Map<String, Flag> FLAGS =
            Map.ofEntries(
                    Map.entry("defaults", new Flag(false, 0)),
                    Map.entry("ro", new Flag(false, Mounts.MS_RDONLY)),
                    Map.entry("rw", new Flag(true, Mounts.MS_RDONLY)),
                    Map.entry("suid", new Flag(true, Mounts.MS_NOSUID)),
                    Map.entry("nosuid", new Flag(false, Mounts.MS_NOSUID)),
                    Map.entry("dev", new Flag(true, Mounts.MS_NODEV)),
                    Map.entry("nodev", new Flag(false, Mounts.MS_NODEV)),
                    Map.entry("exec", new Flag(true, Mounts.MS_NOEXEC)),
                    Map.entry("noexec", new Flag(false, Mounts.MS_NOEXEC)),
                    Map.entry("sync", new Flag(false, Mounts.MS_SYNCHRONOUS)),
                    Map.entry("async", new Flag(true, Mounts.MS_SYNCHRONOUS)),
                    Map.entry("dirsync", new Flag(false, Mounts.MS_DIRSYNC)),
                    Map.entry("mand", new Flag(false, Mounts.MS_MANDLOCK)),
                    Map.entry("nomand", new Flag(true, Mounts.MS_MANDLOCK)),
                    Map.entry("atime", new Flag(true, Mounts.MS_NOATIME)),
                    Map.entry("noatime", new Flag(false, Mounts.MS_NOATIME)),
                    Map.entry("diratime", new Flag(true, Mounts.MS_NODIRATIME)),
                    Map.entry("nodiratime", new Flag(false, Mounts.MS_NODIRATIME)),
                    Map.entry("bind", new Flag(false, Mounts.MS_BIND)),
                    Map.entry("rbind", new Flag(false, Mounts.MS_BIND | Mounts.MS_REC)),
                    Map.entry("relatime", new Flag(false, Mounts.MS_RELATIME)),
                    Map.entry("norelatime", new Flag(true, Mounts.MS_RELATIME)),
                    Map.entry("strictatime", new Flag(false, Mounts.MS_STRICTATIME)),
                    Map.entry("nostrictatime", new Flag(true, Mounts.MS_STRICTATIME)));

    private static final Map<String, Long> PROPAGATIONS =
            Map.of(
                    "private",
                    Mounts.MS_PRIVATE,
                    "rprivate",
                    Mounts.MS_PRIVATE | Mounts.MS_REC,
                    "slave",
                    Mounts.MS_SLAVE,
                    "rslave",
                    Mounts.MS_SLAVE | Mounts.MS_REC,
                    "shared",
                    Mounts.MS_SHARED,
                    "rshared",
                    Mounts.MS_SHARED | Mounts.MS_REC,
                    "unbindable",
                    Mounts.MS_UNBINDABLE,
                    "runbindable",
                    Mounts.MS_UNBINDABLE | Mounts.MS_REC);

    private static final Set<String> NETWORK_TYPES = Set.of("nfs", "nfs4", "cifs");
    private static final String ADDRESS = "addr=";
    private static final String PASSWORD = "password=";

    /// @param options of the driver, with `device` and `type`
    static DeviceMount of(Map<String, String> options) {
        long flags = 0;
        long propagation = 0;
        var data = new ArrayList<String>();
        for (String option : options.getOrDefault("o", "").split(",", -1)) {
            if (FLAGS.get(option) instanceof Flag(boolean clear, long bits)) {
                flags = clear ? flags & ~bits : flags | bits;
            } else if (PROPAGATIONS.containsKey(option)) {
                propagation |= PROPAGATIONS.getOrDefault(option, 0L);
            } else if (!option.isEmpty()) {
                data.add(option);
            }
        }
        return new DeviceMount(
                options.getOrDefault("device", ""),
                options.getOrDefault("type", ""),
                flags,
                propagation,
                String.join(",", data));
    }

    /// Mounts it. What is mounted there already, by an earlier daemon, is taken for it.
    ///
    /// @throws Internal in Docker's words if the kernel refuses
    void mount(Path at) throws IOException {
        if (isMounted(at)) {
            return;
        }
        String known = NETWORK_TYPES.contains(type) ? resolved(data) : data;
        try {
            Mounts.mount(device, at.toString(), type, flags, known);
        } catch (Errno e) {
            throw refused(at, known, e);
        }
        try {
            long change = Mounts.MS_BIND | Mounts.MS_RDONLY;
            if ((flags & change) == change) {
                // The kernel does not look at this flag when it binds.
                Mounts.mount("", at.toString(), "", flags | Mounts.MS_REMOUNT, "");
            }
            if (propagation != 0) {
                Mounts.propagation(at.toString(), propagation);
            }
        } catch (Errno e) {
            unmount(at);
            throw refused(at, known, e);
        }
    }

    private Internal refused(Path at, String known, Errno e) {
        var text = new StringBuilder("error while mounting volume '").append(at);
        text.append("': failed to mount local volume: mount ").append(device).append(':');
        text.append(at);
        if (flags != 0) {
            text.append(", flags: 0x").append(Long.toHexString(flags));
        }
        if (!known.isEmpty()) {
            text.append(", data: ").append(withoutPassword(known));
        }
        return new Internal(text + ": " + Errno.describe(e.number()), e);
    }

    private static String withoutPassword(String data) {
        var shown = new ArrayList<String>();
        for (String option : List.of(data.split(",", -1))) {
            shown.add(option.startsWith(PASSWORD) ? PASSWORD + "********" : option);
        }
        return String.join(",", shown);
    }

    /// The kernel wants a server's address in numbers.
    private static String resolved(String data) {
        var options = new ArrayList<String>();
        for (String option : List.of(data.split(",", -1))) {
            options.add(option.startsWith(ADDRESS) ? ADDRESS + address(option) : option);
        }
        return String.join(",", options);
    }

    private static String address(String option) {
        String host = option.substring(ADDRESS.length());
        try {
            return InetAddress.getByName(host).getHostAddress();
        } catch (UnknownHostException e) {
            throw new Internal(
                    "error resolving passed in network volume address: lookup "
                            + host
                            + ": no such host",
                    e);
        }
    }

    /// Whether something is mounted at exactly this place.
    static boolean isMounted(Path at) throws IOException {
        String real = at.toRealPath().toString();
        return MountInfo.self().stream()
                .anyMatch(mount -> mount.mountPoint().toString().equals(real));
    }

    /// That nothing is mounted there is fine.
    static void unmount(Path at) throws Errno {
        Mounts.unmountIfMounted(at.toString(), Mounts.UMOUNT_NOFOLLOW);
    }
}
