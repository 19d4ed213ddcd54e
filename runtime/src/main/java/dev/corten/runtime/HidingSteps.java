package dev.corten.runtime;

import static dev.corten.runtime.PlanWriter.at;
import static dev.corten.runtime.PlanWriter.in;
import static dev.corten.runtime.PlanWriter.number;
import static dev.corten.runtime.PlanWriter.tolerating;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Device;
import dev.corten.model.oci.Spec;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The steps that hide paths of the container, or make them read-only.
final class HidingSteps {
    private static final int OPEN_TREE_CLONE = 1;
    private static final int MNT_DETACH = 2;

    private final PlanWriter plan;
    private final MountCalls calls;
    private final DeviceSteps devices;
    private final Spec spec;
    private final Host host;

    HidingSteps(PlanWriter plan, MountCalls calls, DeviceSteps devices, Spec spec, Host host) {
        this.plan = plan;
        this.calls = calls;
        this.devices = devices;
        this.spec = spec;
        this.host = host;
    }

    void add() {
        for (PathBytes path : spec.linux().readonlyPaths()) {
            readonly(path);
        }
        List<PathBytes> masked =
                spec.linux().maskedPaths().stream()
                        .filter(path -> kind(path) != Target.ABSENT)
                        .toList();
        if (masked.isEmpty()) {
            return;
        }
        plan.words("make what masked files show");
        int nullAt = devices.dev().isPresent() ? devices.dev().get() : privateNull();
        var nulls = new HashMap<PathBytes, Integer>();
        for (PathBytes path : masked) {
            if (kind(path) != Target.DIRECTORY) {
                int clone = plan.register();
                plan.callInto(
                        clone,
                        0,
                        Syscall.OPEN_TREE,
                        in(nullAt),
                        at(plan.string("null")),
                        number(
                                OPEN_TREE_CLONE
                                        | FileCalls.O_CLOEXEC
                                        | FileCalls.AT_SYMLINK_NOFOLLOW));
                nulls.put(path, clone);
            }
        }
        if (devices.dev().isEmpty()) {
            plan.call(Syscall.UMOUNT2, at(plan.string("/proc")), number(MNT_DETACH));
        }
        for (PathBytes path : masked) {
            mask(path, nulls.get(path));
        }
    }

    /// Without a `/dev` of the plan's own: a tmpfs with a `null`, attached for a moment so that
    /// its file can be bound.
    private int privateNull() {
        int made =
                calls.fileSystem("tmpfs", "tmpfs", MountOptions.parse(List.of("nosuid", "noexec")));
        devices.node(made, "null", new Device("/dev/null", 'c', 1, 3, 0666));
        calls.move(made, calls.target("/proc", Stat.S_IFDIR));
        return made;
    }

    /// What is known of a path when the plan is made.
    private enum Target {
        ABSENT,
        FILE,
        DIRECTORY,
        UNKNOWN
    }

    private Target kind(PathBytes path) {
        if (Host.KNOWN_ROOTS.stream().noneMatch(path::startsWith)) {
            return Target.UNKNOWN;
        }
        return switch (host.kind(path)) {
            case ABSENT -> Target.ABSENT;
            case FILE -> Target.FILE;
            case DIRECTORY -> Target.DIRECTORY;
        };
    }

    private void mask(PathBytes path, @Nullable Integer nullFile) {
        Target kind = kind(path);
        plan.words("mask " + path);
        String name = path.toString();
        boolean unknown = kind == Target.UNKNOWN;
        // What is there now need not be there in a container with another set of namespaces.
        long absent = tolerating(Errno.ENOENT, Errno.ENOTDIR);
        if (kind != Target.FILE) {
            int directory = plan.register();
            calls.open(
                    directory,
                    absent,
                    calls.root(),
                    name,
                    FileCalls.O_PATH | FileCalls.O_DIRECTORY,
                    MountCalls.INSIDE);
            int hidden =
                    calls.fileSystem(
                            "tmpfs",
                            "tmpfs",
                            MountOptions.parse(List.of("ro", "size=4k", "nr_inodes=1")));
            calls.moveIfThere(hidden, directory, tolerating(Errno.EBADF));
        }
        if (nullFile != null) {
            int file = plan.register();
            calls.open(file, absent, calls.root(), name, FileCalls.O_PATH, MountCalls.INSIDE);
            // A directory has been covered by the tmpfs before: EINVAL, as null is a file.
            calls.moveIfThere(
                    nullFile,
                    file,
                    unknown
                            ? tolerating(Errno.EBADF, Errno.EINVAL, Errno.ENOTDIR)
                            : tolerating(Errno.EBADF));
        }
    }

    private void readonly(PathBytes path) {
        if (kind(path) == Target.ABSENT) {
            return;
        }
        plan.words("make " + path + " read-only");
        int target = plan.register();
        int clone = plan.register();
        calls.open(
                target,
                tolerating(Errno.ENOENT, Errno.ENOTDIR),
                calls.root(),
                path.toString(),
                FileCalls.O_PATH,
                MountCalls.INSIDE);
        plan.callInto(
                clone,
                tolerating(Errno.EBADF),
                Syscall.OPEN_TREE,
                in(target),
                at(calls.empty()),
                number(
                        OPEN_TREE_CLONE
                                | FileCalls.O_CLOEXEC
                                | FileCalls.AT_EMPTY_PATH
                                | MountCalls.AT_RECURSIVE));
        plan.callInto(
                PlanWriter.NONE,
                tolerating(Errno.EBADF),
                Syscall.MOUNT_SETATTR,
                in(clone),
                at(calls.empty()),
                number(FileCalls.AT_EMPTY_PATH | MountCalls.AT_RECURSIVE),
                at(
                        plan.longs(
                                "{set 0x1, clear 0x0, propagation 0x0}",
                                MountOptions.RDONLY,
                                0,
                                0,
                                0)),
                number(32));
        calls.moveIfThere(clone, target, tolerating(Errno.EBADF));
    }
}
