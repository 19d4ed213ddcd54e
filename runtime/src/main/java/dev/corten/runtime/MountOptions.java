package dev.corten.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The options of a mount, taken apart.
///
/// @param set attributes to set, `MOUNT_ATTR_…` of `linux/mount.h`
/// @param clear attributes to clear
/// @param recursiveSet attributes to set on everything below too
/// @param propagation `MS_PRIVATE`, `MS_SLAVE`, `MS_SHARED` or `MS_UNBINDABLE`; 0: left
/// @param propagationRecursive whether that is for everything below too
/// @param fileSystem what is the file system's own: `size=64k`
record MountOptions(
        long set,
        long clear,
        long recursiveSet,
        long recursiveClear,
        long propagation,
        boolean propagationRecursive,
        List<String> fileSystem) {
    static final long RDONLY = 0x1;
    static final long STRICTATIME = 0x20;
    static final long ATIME = 0x70;

    private record Flag(long set, long clear) {}

    private static final Map<String, Flag> FLAGS =
            Map.ofEntries(
                    Map.entry("ro", new Flag(RDONLY, 0)),
                    Map.entry("rw", new Flag(0, RDONLY)),
                    Map.entry("nosuid", new Flag(0x2, 0)),
                    Map.entry("suid", new Flag(0, 0x2)),
                    Map.entry("nodev", new Flag(0x4, 0)),
                    Map.entry("dev", new Flag(0, 0x4)),
                    Map.entry("noexec", new Flag(0x8, 0)),
                    Map.entry("exec", new Flag(0, 0x8)),
                    Map.entry("noatime", new Flag(0x10, ATIME)),
                    Map.entry("strictatime", new Flag(STRICTATIME, ATIME)),
                    Map.entry("relatime", new Flag(0, ATIME)),
                    Map.entry("atime", new Flag(0, ATIME)),
                    Map.entry("norelatime", new Flag(0, 0)),
                    Map.entry("nodiratime", new Flag(0x80, 0)),
                    Map.entry("diratime", new Flag(0, 0x80)),
                    Map.entry("nosymfollow", new Flag(0x200000, 0)),
                    Map.entry("symfollow", new Flag(0, 0x200000)));

    private static final Map<String, Long> PROPAGATIONS =
            Map.of(
                    "private", 1L << 18,
                    "slave", 1L << 19,
                    "shared", 1L << 20,
                    "unbindable", 1L << 17);

    MountOptions {
        fileSystem = List.copyOf(fileSystem);
    }

    static MountOptions parse(List<String> options) {
        long set = 0;
        long clear = 0;
        long recursiveSet = 0;
        long recursiveClear = 0;
        long propagation = 0;
        boolean propagationRecursive = false;
        var fileSystem = new ArrayList<String>();
        for (String option : options) {
            String rest = option.startsWith("r") ? option.substring(1) : "";
            if (FLAGS.get(option) instanceof Flag(long s, long c)) {
                set = (set & ~c) | s;
                clear = (clear & ~s) | c;
            } else if (FLAGS.get(rest) instanceof Flag(long s, long c)) {
                recursiveSet = (recursiveSet & ~c) | s;
                recursiveClear = (recursiveClear & ~s) | c;
            } else if (PROPAGATIONS.containsKey(option)) {
                propagation = PROPAGATIONS.getOrDefault(option, 0L);
                propagationRecursive = false;
            } else if (PROPAGATIONS.containsKey(rest)) {
                propagation = PROPAGATIONS.getOrDefault(rest, 0L);
                propagationRecursive = true;
            } else if (!option.equals("bind")
                    && !option.equals("rbind")
                    && !option.equals("defaults")
                    && !option.isEmpty()) {
                fileSystem.add(option);
            }
        }
        return new MountOptions(
                set,
                clear,
                recursiveSet,
                recursiveClear,
                propagation,
                propagationRecursive,
                fileSystem);
    }

    /// The attributes for fsmount(2), which starts without any.
    long attributes() {
        return set | recursiveSet;
    }
}
