package dev.corten.engine.container;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.container.DeviceMapping;
import dev.corten.model.container.ThrottleDevice;
import dev.corten.model.oci.Device;
import dev.corten.model.oci.DeviceRule;
import dev.corten.model.oci.Resources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds devices of the host that a container shall use.
final class HostDevices {
    /// Below `/dev`, but the container's own; its default nodes are among them.
    private static final Set<String> OWN =
            Set.of(
                    "/dev/pts",
                    "/dev/shm",
                    "/dev/mqueue",
                    "/dev/fd",
                    "/dev/console",
                    "/dev/ptmx",
                    "/dev/null",
                    "/dev/zero",
                    "/dev/full",
                    "/dev/random",
                    "/dev/urandom",
                    "/dev/tty");

    private HostDevices() {}

    /// The node to make in the container for a device of the host.
    static Device device(DeviceMapping mapping) throws IOException {
        Stat stat = stat(mapping.pathOnHost());
        String path =
                mapping.pathInContainer().isEmpty()
                        ? mapping.pathOnHost()
                        : mapping.pathInContainer();
        return new Device(
                PathBytes.of(path),
                type(mapping.pathOnHost(), stat),
                stat.rdevMajor(),
                stat.rdevMinor(),
                stat.mode() & 07777,
                stat.uid(),
                stat.gid());
    }

    /// Every device node below the host's `/dev`, for a privileged container; without those of
    /// terminals and of file systems that the container has of its own.
    static List<Device> all() throws IOException {
        var devices = new ArrayList<Device>();
        try (Fd dev = FileCalls.openDirectory("/dev")) {
            collect(dev, "/dev", devices);
        }
        return devices;
    }

    private static void collect(Fd directory, String path, List<Device> devices)
            throws IOException {
        for (DirectoryEntry entry : Directories.list(directory)) {
            String name = entry.name().toString();
            String full = path + "/" + name;
            if (entry.isDirectory() && !OWN.contains(full)) {
                try (Fd below = FileCalls.openDirectory(directory, entry.name())) {
                    collect(below, full, devices);
                }
            } else if ((entry.type() == DirectoryEntry.CHARACTER_DEVICE
                            || entry.type() == DirectoryEntry.BLOCK_DEVICE)
                    && !OWN.contains(full)) {
                Stat stat = FileCalls.lstat(directory, entry.name());
                devices.add(
                        new Device(
                                PathBytes.of(full),
                                type(full, stat),
                                stat.rdevMajor(),
                                stat.rdevMinor(),
                                stat.mode() & 07777,
                                stat.uid(),
                                stat.gid()));
            }
        }
    }

    /// What the container may do with these devices.
    static List<DeviceRule> rules(@Nullable List<DeviceMapping> mappings) throws IOException {
        var rules = new ArrayList<DeviceRule>();
        if (mappings != null) {
            for (DeviceMapping mapping : mappings) {
                String access =
                        mapping.cgroupPermissions().isEmpty() ? "rwm" : mapping.cgroupPermissions();
                if (!access.chars().allMatch(c -> "rwm".indexOf(c) >= 0)) {
                    throw new InvalidParameter("invalid device mode: " + access);
                }
                Stat stat = stat(mapping.pathOnHost());
                rules.add(
                        new DeviceRule(
                                true,
                                type(mapping.pathOnHost(), stat),
                                OptionalLong.of(stat.rdevMajor()),
                                OptionalLong.of(stat.rdevMinor()),
                                access));
            }
        }
        return rules;
    }

    static Resources.Throttle throttle(ThrottleDevice device) throws IOException {
        Stat stat = stat(device.path());
        return new Resources.Throttle(stat.rdevMajor(), stat.rdevMinor(), device.rate());
    }

    private static char type(String path, Stat stat) {
        return switch (stat.mode() & Stat.S_IFMT) {
            case Stat.S_IFCHR -> 'c';
            case Stat.S_IFBLK -> 'b';
            default -> throw failed(path, "not a device node", null);
        };
    }

    private static Stat stat(String path) throws IOException {
        try {
            return FileCalls.stat(Fd.CWD, path);
        } catch (Errno e) {
            throw failed(path, e.description(), e);
        }
    }

    private static Internal failed(String path, String reason, @Nullable Errno cause) {
        String message =
                "error gathering device information while adding custom device \""
                        + path
                        + "\": "
                        + reason;
        return cause == null ? new Internal(message) : new Internal(message, cause);
    }
}
