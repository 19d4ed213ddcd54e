package dev.corten.engine.container.spec;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.Internal;
import dev.corten.model.PathBytes;
import dev.corten.model.container.DeviceMapping;
import dev.corten.model.container.DeviceRequest;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.ThrottleDevice;
import dev.corten.model.container.WeightDevice;
import dev.corten.model.oci.Device;
import dev.corten.model.oci.DeviceRule;
import dev.corten.model.oci.Resources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Finds devices of the host that a container shall use.
public final class HostDevices {
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

    private static final Pattern RULE =
            Pattern.compile("([acb]) ([0-9]{1,9}|\\*):([0-9]{1,9}|\\*) ([rwm]{1,3})");

    private HostDevices() {}

    /// The nodes to make in a container: all of the host's for a privileged one, and those that it
    /// asks for.
    public static List<Device> nodes(HostConfig host) throws IOException {
        var nodes = new ArrayList<Device>();
        if (host.privileged()) {
            nodes.addAll(all());
        }
        if (host.devices() != null) {
            for (DeviceMapping mapping : host.devices()) {
                nodes.addAll(nodes(mapping));
            }
        }
        return nodes;
    }

    /// What a container may do with devices beside the usual ones.
    static List<DeviceRule> rules(HostConfig host) throws IOException {
        var rules = new ArrayList<DeviceRule>();
        if (host.privileged()) {
            // It may do everything.
            return rules;
        }
        if (host.devices() != null) {
            for (DeviceMapping mapping : host.devices()) {
                String access =
                        mapping.cgroupPermissions().isEmpty() ? "rwm" : mapping.cgroupPermissions();
                for (Device node : nodes(mapping)) {
                    rules.add(
                            new DeviceRule(
                                    true,
                                    node.type(),
                                    OptionalLong.of(node.major()),
                                    OptionalLong.of(node.minor()),
                                    access));
                }
            }
        }
        if (host.deviceCgroupRules() != null) {
            host.deviceCgroupRules().forEach(rule -> rules.add(rule(rule)));
        }
        return rules;
    }

    private static DeviceRule rule(String text) {
        Matcher parts = RULE.matcher(text);
        if (!parts.matches()) {
            throw new Internal("invalid device cgroup rule format: '" + text + "'");
        }
        return new DeviceRule(
                true,
                parts.group(1).charAt(0),
                number(parts.group(2)),
                number(parts.group(3)),
                parts.group(4));
    }

    private static OptionalLong number(String text) {
        return text.equals("*") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    }

    /// There is nobody here who knows devices that are more than a node.
    public static void refuse(@Nullable List<DeviceRequest> requests) {
        if (requests == null) {
            return;
        }
        for (DeviceRequest request : requests) {
            if (request.driver().equals("cdi")) {
                throw new Internal(
                        "CDI device injection failed: unresolvable CDI devices "
                                + String.join(
                                        ", ",
                                        request.deviceIds() == null
                                                ? List.of()
                                                : request.deviceIds()));
            }
            throw new Internal(
                    "could not select device driver \""
                            + request.driver()
                            + "\" with capabilities: "
                            + shown(request.capabilities()));
        }
    }

    private static String shown(@Nullable List<List<String>> capabilities) {
        var text = new StringBuilder("[");
        if (capabilities != null) {
            for (List<String> all : capabilities) {
                text.append(text.length() > 1 ? " [" : "[");
                text.append(String.join(" ", all)).append(']');
            }
        }
        return text.append(']').toString();
    }

    /// One device, or all that are in a directory.
    private static List<Device> nodes(DeviceMapping mapping) throws IOException {
        String inside =
                mapping.pathInContainer().isEmpty()
                        ? mapping.pathOnHost()
                        : mapping.pathInContainer();
        Stat stat;
        try {
            stat = FileCalls.stat(Fd.CWD, mapping.pathOnHost());
        } catch (Errno e) {
            throw failed(mapping.pathOnHost(), e.description(), e);
        }
        if (isDevice(stat)) {
            return List.of(node(inside, stat));
        }
        var found = new ArrayList<Device>();
        if (stat.isDirectory()) {
            try (Fd directory = FileCalls.openDirectory(mapping.pathOnHost())) {
                collect(directory, inside, Set.of(), found);
            }
        }
        if (found.isEmpty()) {
            throw failed(mapping.pathOnHost(), "not a device node", null);
        }
        return found;
    }

    /// Every device node below the host's `/dev`; without those of terminals and of file systems
    /// that the container has of its own.
    private static List<Device> all() throws IOException {
        var devices = new ArrayList<Device>();
        try (Fd dev = FileCalls.openDirectory("/dev")) {
            collect(dev, "/dev", OWN, devices);
        }
        return devices;
    }

    /// @param path of the directory in the container
    private static void collect(Fd directory, String path, Set<String> except, List<Device> devices)
            throws IOException {
        for (DirectoryEntry entry : Directories.list(directory)) {
            String full = path + "/" + entry.name();
            if (except.contains(full)) {
                continue;
            }
            if (entry.isDirectory()) {
                try (Fd below = FileCalls.openDirectory(directory, entry.name())) {
                    collect(below, full, except, devices);
                }
            } else if (entry.type() == DirectoryEntry.CHARACTER_DEVICE
                    || entry.type() == DirectoryEntry.BLOCK_DEVICE) {
                devices.add(node(full, FileCalls.lstat(directory, entry.name())));
            }
        }
    }

    static Resources.Throttle throttle(ThrottleDevice device) throws IOException {
        Stat stat = disk(device.path());
        return new Resources.Throttle(stat.rdevMajor(), stat.rdevMinor(), device.rate());
    }

    static Resources.WeightDevice weight(WeightDevice device) throws IOException {
        Stat stat = disk(device.path());
        return new Resources.WeightDevice(stat.rdevMajor(), stat.rdevMinor(), device.weight());
    }

    private static Stat disk(String path) throws IOException {
        try {
            return FileCalls.stat(Fd.CWD, path);
        } catch (Errno e) {
            throw new Internal("stat " + path + ": " + e.description(), e);
        }
    }

    private static boolean isDevice(Stat stat) {
        int kind = stat.mode() & Stat.S_IFMT;
        return kind == Stat.S_IFCHR || kind == Stat.S_IFBLK;
    }

    private static Device node(String path, Stat stat) {
        return new Device(
                PathBytes.of(path),
                (stat.mode() & Stat.S_IFMT) == Stat.S_IFCHR ? 'c' : 'b',
                stat.rdevMajor(),
                stat.rdevMinor(),
                stat.mode() & 07777,
                stat.uid(),
                stat.gid());
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
