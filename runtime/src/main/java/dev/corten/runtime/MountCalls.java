package dev.corten.runtime;

import static dev.corten.runtime.PlanWriter.at;
import static dev.corten.runtime.PlanWriter.in;
import static dev.corten.runtime.PlanWriter.number;
import static dev.corten.runtime.PlanWriter.tolerating;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.InvalidParameter;
import dev.corten.model.RawText;
import dev.corten.runtime.PlanWriter.Operation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What the steps of a container's file system consist of: opening below its root, file systems that
/// are mounted nowhere yet, and their attachment.
final class MountCalls {
    // linux/mount.h
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x4;
    private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    static final int AT_RECURSIVE = 0x8000;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int MAX_FSCONFIG = 255;

    /// How names that belong to the container are found.
    static final long INSIDE = FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS;

    private final PlanWriter plan;
    private final int root;
    private final int empty;
    private final Map<String, Integer> how = new HashMap<>();

    /// @param root its register
    MountCalls(PlanWriter plan, int root) {
        this.plan = plan;
        this.root = root;
        this.empty = plan.string("");
    }

    /// The root's register.
    int root() {
        return root;
    }

    /// That of the empty string, which means the descriptor beside it.
    int empty() {
        return empty;
    }

    void move(int from, int toDirectory, String path) {
        plan.call(
                Syscall.MOVE_MOUNT,
                in(from),
                at(empty),
                number(toDirectory),
                at(plan.string(path)),
                number(MOVE_MOUNT_F_EMPTY_PATH));
    }

    void move(int from, int target) {
        plan.call(
                Syscall.MOVE_MOUNT,
                in(from),
                at(empty),
                in(target),
                at(empty),
                number(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    }

    void propagate(int mount, MountOptions options) {
        if (options.propagation() != 0) {
            attributes(
                    mount,
                    0,
                    0,
                    options.propagation(),
                    options.propagationRecursive() ? AT_RECURSIVE : 0);
        }
    }

    void attributes(int mount, long set, long clear, long propagation, int flags) {
        plan.call(
                Syscall.MOUNT_SETATTR,
                in(mount),
                at(empty),
                number(FileCalls.AT_EMPTY_PATH | flags),
                at(
                        plan.longs(
                                "{set 0x%x, clear 0x%x, propagation 0x%x}"
                                        .formatted(set, clear, propagation),
                                set,
                                clear,
                                propagation,
                                0)),
                number(32));
    }

    /// A new file system, mounted nowhere yet.
    int fileSystem(String type, String source, MountOptions options) {
        int context = plan.register();
        int made = plan.register();
        plan.callInto(context, 0, Syscall.FSOPEN, at(plan.string(type)), number(1));
        if (!source.isEmpty()) {
            setting(context, "source", source);
        }
        for (String option : options.fileSystem()) {
            int equals = option.indexOf('=');
            if (equals < 0) {
                plan.call(
                        Syscall.FSCONFIG,
                        in(context),
                        number(FSCONFIG_SET_FLAG),
                        at(plan.string(option)),
                        number(0),
                        number(0));
            } else {
                setting(context, option.substring(0, equals), option.substring(equals + 1));
            }
        }
        plan.call(
                Syscall.FSCONFIG,
                in(context),
                number(FSCONFIG_CMD_CREATE),
                number(0),
                number(0),
                number(0));
        plan.callInto(
                made, 0, Syscall.FSMOUNT, in(context), number(1), number(options.attributes()));
        return made;
    }

    private void setting(int context, String key, String value) {
        if (value.length() > MAX_FSCONFIG) {
            throw new InvalidParameter("mount option " + key + " is too long");
        }
        plan.call(
                Syscall.FSCONFIG,
                in(context),
                number(FSCONFIG_SET_STRING),
                at(plan.string(key)),
                at(plan.string(value)),
                number(0));
    }

    /// A descriptor of a path in the root, made if it is missing.
    int target(String path, int kind) {
        return target(path, kind, 0);
    }

    /// @param forbidden a kind of file system on which it must not lie; 0 for none
    int target(String path, int kind, int forbidden) {
        int target = plan.register();
        plan.operationInto(
                target,
                0,
                Operation.ENSURE,
                in(root),
                at(plan.string(path)),
                number(kind),
                number(0755),
                number(forbidden));
        return target;
    }

    /// A directory right below the root or deeper that no symbolic link leads to or through.
    int ordinaryDirectory(String path) {
        int target = plan.register();
        String relative = path.substring(1);
        for (int slash = relative.indexOf('/'); ; slash = relative.indexOf('/', slash + 1)) {
            String part = slash < 0 ? relative : relative.substring(0, slash);
            plan.callInto(
                    PlanWriter.NONE,
                    tolerating(Errno.EEXIST, Errno.EROFS),
                    Syscall.MKDIRAT,
                    in(root),
                    at(plan.string(part)),
                    number(0755));
            if (slash < 0) {
                break;
            }
        }
        open(
                target,
                0,
                root,
                relative,
                FileCalls.O_PATH | FileCalls.O_DIRECTORY,
                FileCalls.RESOLVE_NO_SYMLINKS | FileCalls.RESOLVE_IN_ROOT);
        return target;
    }

    /// openat2(2), close-on-exec.
    void open(
            int destination, long tolerated, int directory, String path, int flags, long resolve) {
        long all = flags | FileCalls.O_CLOEXEC;
        int structure =
                how.computeIfAbsent(
                        all + " " + resolve,
                        _ ->
                                plan.longs(
                                        "{flags 0%o, resolve 0x%x}".formatted(all, resolve),
                                        all,
                                        0,
                                        resolve));
        plan.callInto(
                destination,
                tolerated,
                Syscall.OPENAT2,
                in(directory),
                at(plan.string(path)),
                at(structure),
                number(24));
    }

    void moveIfThere(int from, int target, long tolerated) {
        plan.callInto(
                PlanWriter.NONE,
                tolerated,
                Syscall.MOVE_MOUNT,
                in(from),
                at(empty),
                in(target),
                at(empty),
                number(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    }

    /// A procfs of this plan's own that is never attached: nothing can be mounted over its files
    /// (CVE-2025-52881).
    int ownProc() {
        return fileSystem("proc", "proc", MountOptions.parse(List.of()));
    }

    /// Writes a file of [#ownProc].
    ///
    /// @param words of the writing, should it fail
    void writeProc(int proc, String path, String value, String words) {
        int file = plan.register();
        open(
                file,
                0,
                proc,
                path,
                FileCalls.O_WRONLY,
                FileCalls.RESOLVE_BENEATH
                        | FileCalls.RESOLVE_NO_XDEV
                        | FileCalls.RESOLVE_NO_MAGICLINKS);
        plan.words(words);
        plan.call(
                Syscall.WRITE,
                in(file),
                at(plan.string(value)),
                number(RawText.encode(value).length));
    }
}
