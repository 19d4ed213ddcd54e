package dev.corten.kernel.mount;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import dev.corten.model.PathBytes;
import dev.corten.model.RawText;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// mount(2) and the calls that replace it.
public final class Mounts {
    // linux/mount.h
    public static final long MS_RDONLY = 1;
    public static final long MS_NOSUID = 2;
    public static final long MS_NODEV = 4;
    public static final long MS_NOEXEC = 8;
    public static final long MS_SYNCHRONOUS = 16;
    public static final long MS_REMOUNT = 32;
    public static final long MS_MANDLOCK = 64;
    public static final long MS_DIRSYNC = 128;
    public static final long MS_NOSYMFOLLOW = 256;
    public static final long MS_NOATIME = 1024;
    public static final long MS_NODIRATIME = 2048;
    public static final long MS_BIND = 4096;
    public static final long MS_MOVE = 8192;
    public static final long MS_REC = 16384;
    public static final long MS_SILENT = 32768;
    public static final long MS_UNBINDABLE = 1 << 17;
    public static final long MS_PRIVATE = 1 << 18;
    public static final long MS_SLAVE = 1 << 19;
    public static final long MS_SHARED = 1 << 20;
    public static final long MS_RELATIME = 1 << 21;
    public static final long MS_STRICTATIME = 1 << 24;
    public static final long MS_LAZYTIME = 1 << 25;

    public static final int MNT_FORCE = 1;
    public static final int MNT_DETACH = 2;
    public static final int MNT_EXPIRE = 4;
    public static final int UMOUNT_NOFOLLOW = 8;

    public static final int OPEN_TREE_CLONE = 1;
    public static final int AT_RECURSIVE = 0x8000;

    public static final int MOVE_MOUNT_F_SYMLINKS = 0x01;
    public static final int MOVE_MOUNT_F_EMPTY_PATH = 0x04;
    public static final int MOVE_MOUNT_T_SYMLINKS = 0x10;
    public static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;

    public static final long MOUNT_ATTR_RDONLY = 0x1;
    public static final long MOUNT_ATTR_NOSUID = 0x2;
    public static final long MOUNT_ATTR_NODEV = 0x4;
    public static final long MOUNT_ATTR_NOEXEC = 0x8;
    public static final long MOUNT_ATTR_ATIME = 0x70;
    public static final long MOUNT_ATTR_NOATIME = 0x10;
    public static final long MOUNT_ATTR_STRICTATIME = 0x20;
    public static final long MOUNT_ATTR_NODIRATIME = 0x80;
    public static final long MOUNT_ATTR_IDMAP = 0x100000;
    public static final long MOUNT_ATTR_NOSYMFOLLOW = 0x200000;

    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSMOUNT_CLOEXEC = 1;
    private static final int OPEN_TREE_CLOEXEC = 0x80000;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_SET_FD = 5;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int FSCONFIG_CMD_RECONFIGURE = 7;
    private static final int AT_EMPTY_PATH = 0x1000;

    // struct mount_attr: u64 attr_set, attr_clr, propagation, userns_fd
    static final int MOUNT_ATTR_BYTES = 32;

    private static final String[] FLAG_NAMES = {
        "MS_RDONLY",
        "MS_NOSUID",
        "MS_NODEV",
        "MS_NOEXEC",
        "MS_SYNCHRONOUS",
        "MS_REMOUNT",
        "MS_MANDLOCK",
        "MS_DIRSYNC",
        "MS_NOSYMFOLLOW",
        "",
        "MS_NOATIME",
        "MS_NODIRATIME",
        "MS_BIND",
        "MS_MOVE",
        "MS_REC",
        "MS_SILENT",
        "",
        "MS_UNBINDABLE",
        "MS_PRIVATE",
        "MS_SLAVE",
        "MS_SHARED",
        "MS_RELATIME",
        "",
        "",
        "MS_STRICTATIME",
        "MS_LAZYTIME"
    };

    private Mounts() {}

    // ---- the old calls

    /// mount(2).
    public static void mount(String source, String target, String type, long flags, String data)
            throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.MOUNT,
                            call.path(source),
                            call.path(target),
                            call.path(type),
                            flags,
                            data.isEmpty() ? NativeCall.NULL : call.path(data));
            if (result < 0) {
                String what = source.isEmpty() || source.equals("none") ? type : source;
                throw NativeCall.failure(
                        Syscall.MOUNT, result, what + " on " + target + flagNames(flags));
            }
        }
    }

    /// umount2(2). EINVAL also means "not a mount point".
    public static void unmount(String target, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            long result = call.invoke(Syscall.UMOUNT2, call.path(target), flags);
            NativeCall.check(Syscall.UMOUNT2, result, target);
        }
    }

    /// Unmounts if something is mounted there. Returns false if not.
    public static boolean unmountIfMounted(String target, int flags) throws Errno {
        try {
            unmount(target, flags);
            return true;
        } catch (Errno e) {
            if (e.isAny(Errno.EINVAL, Errno.ENOENT)) {
                return false;
            }
            throw e;
        }
    }

    /// Changes the propagation of a mount: MS_PRIVATE, MS_SLAVE, MS_SHARED or MS_UNBINDABLE,
    /// with MS_REC for all below.
    public static void propagation(String target, long flags) throws Errno {
        mount("none", target, "", flags, "");
    }

    static String flagNames(long flags) {
        if (flags == 0) {
            return "";
        }
        var text = new StringBuilder();
        for (int bit = 0; bit < FLAG_NAMES.length; bit++) {
            if ((flags & 1L << bit) != 0) {
                text.append('|').append(FLAG_NAMES[bit]);
            }
        }
        return " (" + text.substring(Math.min(1, text.length())) + ")";
    }

    // ---- the new calls

    /// fsopen(2): the beginning of a new file system.
    public static Fd fsopen(String type) throws Errno {
        try (var call = NativeCall.open()) {
            long fd = call.invoke(Syscall.FSOPEN, call.path(type), FSOPEN_CLOEXEC);
            return Fd.adopt((int) NativeCall.check(Syscall.FSOPEN, fd, type));
        }
    }

    /// Sets an option to a string of at most 255 bytes.
    public static void configure(Fd context, String key, String value) throws Errno {
        try (var call = NativeCall.open()) {
            long result = fsconfig(call, context, FSCONFIG_SET_STRING, key, call.path(value), 0);
            configured(context, result, key + "=" + value);
        }
    }

    /// Sets an option that has no value.
    public static void configureFlag(Fd context, String key) throws Errno {
        try (var call = NativeCall.open()) {
            long result = fsconfig(call, context, FSCONFIG_SET_FLAG, key, 0, 0);
            configured(context, result, key);
        }
    }

    /// Sets an option to an open file.
    public static void configureFd(Fd context, String key, Fd value) throws Errno {
        try (var call = NativeCall.open()) {
            long result = fsconfig(call, context, FSCONFIG_SET_FD, key, 0, value.number());
            configured(context, result, key + "=" + value);
        }
    }

    /// Creates the file system from the options.
    public static void create(Fd context) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(Syscall.FSCONFIG, context.number(), FSCONFIG_CMD_CREATE, 0, 0, 0);
            configured(context, result, "create");
        }
    }

    /// Applies changed options to an existing file system.
    public static void reconfigure(Fd context) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.FSCONFIG, context.number(), FSCONFIG_CMD_RECONFIGURE, 0, 0, 0);
            configured(context, result, "reconfigure");
        }
    }

    private static long fsconfig(
            NativeCall call, Fd context, int command, String key, long value, int extra) {
        return call.invoke(
                Syscall.FSCONFIG, context.number(), command, call.path(key), value, extra);
    }

    private static void configured(Fd context, long result, String shown) throws Errno {
        if (result < 0) {
            String log = log(context);
            throw NativeCall.failure(
                    Syscall.FSCONFIG, result, log.isEmpty() ? shown : shown + " (" + log + ")");
        }
    }

    /// What the file system had to say about a failure: its messages wait in the context.
    private static String log(Fd context) {
        var text = new StringBuilder();
        try (var call = NativeCall.open()) {
            MemorySegment buffer = call.raw(1024);
            for (int i = 0; i < 8; i++) {
                long n = call.invoke(Syscall.READ, context.number(), buffer.address(), 1024);
                if (n <= 0) {
                    break; // ENODATA: no more messages
                }
                String line = RawText.decode(buffer.asSlice(0, n).toArray(JAVA_BYTE)).strip();
                text.append(text.isEmpty() ? "" : "; ").append(line);
            }
        }
        return text.toString();
    }

    /// fsmount(2): a detached mount of a created file system; `MOUNT_ATTR_*`.
    public static Fd fsmount(Fd context, long attributes) throws Errno {
        long fd = NativeCall.direct(Syscall.FSMOUNT, context.number(), FSMOUNT_CLOEXEC, attributes);
        return Fd.adopt((int) NativeCall.check(Syscall.FSMOUNT, fd, ""));
    }

    /// open_tree(2); OPEN_TREE_CLONE gives a detached copy, with AT_RECURSIVE of all below.
    public static Fd openTree(Fd dir, PathBytes path, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            return openTree(call, dir, call.path(path), flags, path.toString());
        }
    }

    public static Fd openTree(Fd dir, String path, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            return openTree(call, dir, call.path(path), flags, path);
        }
    }

    /// A detached copy of the mount at an open file (a bind mount that is nowhere yet).
    public static Fd cloneTree(Fd file, boolean recursive) throws Errno {
        return openTree(file, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | (recursive ? AT_RECURSIVE : 0));
    }

    private static Fd openTree(NativeCall call, Fd dir, long path, int flags, String shown)
            throws Errno {
        long fd = call.invoke(Syscall.OPEN_TREE, dir.number(), path, flags | OPEN_TREE_CLOEXEC);
        return Fd.adopt((int) NativeCall.check(Syscall.OPEN_TREE, fd, shown));
    }

    /// Attaches a detached mount to a path.
    public static void attach(Fd mount, Fd dir, String path) throws Errno {
        attach(mount, dir, path, MOVE_MOUNT_F_EMPTY_PATH);
    }

    /// Attaches a detached mount to an open directory or file.
    public static void attach(Fd mount, Fd target) throws Errno {
        attach(mount, target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    }

    private static void attach(Fd mount, Fd dir, String path, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.MOVE_MOUNT,
                            mount.number(),
                            call.path(""),
                            dir.number(),
                            call.path(path),
                            flags);
            if (result < 0) {
                throw NativeCall.failure(
                        Syscall.MOVE_MOUNT, result, mount + " to " + path + " in " + dir);
            }
        }
    }

    /// move_mount(2) in general.
    public static void move(Fd fromDir, String from, Fd toDir, String to, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.MOVE_MOUNT,
                            fromDir.number(),
                            call.path(from),
                            toDir.number(),
                            call.path(to),
                            flags);
            NativeCall.check(Syscall.MOVE_MOUNT, result, from + " to " + to);
        }
    }

    /// mount_setattr(2) on an open mount: `MOUNT_ATTR_*` to set and to clear, `MS_SHARED` and the
    /// like or 0 as propagation. With MOUNT_ATTR_IDMAP the descriptor is of a user namespace.
    public static void setAttributes(
            Fd mount,
            boolean recursive,
            long set,
            long clear,
            long propagation,
            @Nullable Fd userNamespace)
            throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment attributes = call.raw(MOUNT_ATTR_BYTES);
            attributes.set(JAVA_LONG, 0, set);
            attributes.set(JAVA_LONG, 8, clear);
            attributes.set(JAVA_LONG, 16, propagation);
            attributes.set(JAVA_LONG, 24, userNamespace == null ? 0 : userNamespace.number());
            long result =
                    call.invoke(
                            Syscall.MOUNT_SETATTR,
                            mount.number(),
                            call.path(""),
                            AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0),
                            attributes.address(),
                            MOUNT_ATTR_BYTES);
            if (result < 0) {
                throw NativeCall.failure(
                        Syscall.MOUNT_SETATTR,
                        result,
                        "set 0x"
                                + Long.toHexString(set)
                                + " clear 0x"
                                + Long.toHexString(clear)
                                + flagNames(propagation));
            }
        }
    }

    /// A detached tmpfs with options such as `size=64m,mode=1777`.
    public static Fd tmpfs(String options, long attributes) throws Errno {
        try (Fd context = fsopen("tmpfs")) {
            int start = 0;
            while (start < options.length()) {
                int comma = options.indexOf(',', start);
                int end = comma < 0 ? options.length() : comma;
                String option = options.substring(start, end);
                int equals = option.indexOf('=');
                if (equals > 0) {
                    configure(context, option.substring(0, equals), option.substring(equals + 1));
                } else if (!option.isEmpty()) {
                    configureFlag(context, option);
                }
                start = end + 1;
            }
            create(context);
            return fsmount(context, attributes);
        }
    }
}
