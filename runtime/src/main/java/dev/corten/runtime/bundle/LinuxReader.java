package dev.corten.runtime.bundle;

import dev.corten.kernel.seccomp.Abi;
import dev.corten.kernel.seccomp.KernelVersion;
import dev.corten.kernel.seccomp.SeccompProfile;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Device;
import dev.corten.model.oci.DeviceRule;
import dev.corten.model.oci.Linux;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.Resources;
import dev.corten.model.oci.Seccomp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads `linux` of a bundle.
final class LinuxReader {
    private static final int DEFAULT_MODE = 0666;

    private LinuxReader() {}

    /// @throws NotImplemented if it is there
    static void refuse(Value value, String what) {
        boolean empty = value.tree() instanceof List<?> items && items.isEmpty();
        if (value.isPresent() && !empty) {
            throw new NotImplemented(what + " is not supported");
        }
    }

    static Linux read(Value linux, String id) throws IOException {
        refuse(linux.get("intelRdt"), "linux.intelRdt");
        refuse(linux.get("timeOffsets"), "linux.timeOffsets");
        String domain = linux.get("personality").get("domain").text();
        if (!domain.isEmpty() && !domain.equals("LINUX")) {
            throw new NotImplemented("linux.personality " + domain + " is not supported");
        }
        List<Namespace> namespaces = linux.get("namespaces").list(LinuxReader::namespace);
        var devices = new ArrayList<>(DefaultDevices.ALL);
        for (Value device : linux.get("devices").items()) {
            Device read = device(device);
            devices.removeIf(other -> other.path().equals(read.path()));
            devices.add(read);
        }
        Resources resources = ResourcesReader.read(linux.get("resources"));
        var rules = new ArrayList<DeviceRule>(resources.devices());
        rules.addAll(DefaultDevices.rules());
        return new Linux(
                namespaces,
                linux.get("uidMappings").list(LinuxReader::mapping),
                linux.get("gidMappings").list(LinuxReader::mapping),
                devices,
                ResourcesReader.withDevices(resources, rules),
                group(linux.get("cgroupsPath").text(), id),
                linux.get("sysctl").textMap(),
                seccomp(linux.get("seccomp")),
                linux.get("maskedPaths").list(path -> PathBytes.of(path.text())),
                linux.get("readonlyPaths").list(path -> PathBytes.of(path.text())),
                propagation(linux.get("rootfsPropagation").text()),
                Optional.empty());
    }

    /// runc puts a relative path below the group that it runs in; here all are below the root.
    private static String group(String path, String id) {
        if (path.isEmpty()) {
            return "/" + id;
        }
        if (path.matches("[^/]*:[^/]*:[^/]*")) {
            throw new NotImplemented(
                    "cgroupsPath \""
                            + path
                            + "\" is for systemd: the systemd cgroup driver is not supported");
        }
        return path.startsWith("/") ? path : "/" + path;
    }

    private static Namespace namespace(Value namespace) {
        Namespace.Type type =
                switch (namespace.get("type").text()) {
                    case "pid" -> Namespace.Type.PID;
                    case "network" -> Namespace.Type.NETWORK;
                    case "mount" -> Namespace.Type.MOUNT;
                    case "ipc" -> Namespace.Type.IPC;
                    case "uts" -> Namespace.Type.UTS;
                    case "user" -> Namespace.Type.USER;
                    case "cgroup" -> Namespace.Type.CGROUP;
                    case "time" -> Namespace.Type.TIME;
                    case String other ->
                            throw new InvalidParameter(
                                    namespace.place() + ": unknown namespace \"" + other + "\"");
                };
        Optional<String> path = namespace.get("path").find().filter(p -> !p.isEmpty());
        if (type == Namespace.Type.TIME && path.isEmpty()) {
            throw new NotImplemented("a new time namespace is not supported");
        }
        return new Namespace(type, path);
    }

    private static Linux.IdMapping mapping(Value mapping) {
        return new Linux.IdMapping(
                mapping.get("containerID").integer(),
                mapping.get("hostID").integer(),
                mapping.get("size").integer());
    }

    private static Device device(Value device) {
        String type = device.get("type").text();
        if (!Set.of("c", "u", "b", "p").contains(type)) {
            throw new InvalidParameter(device.place() + ": invalid device type: " + type);
        }
        return new Device(
                PathBytes.of(device.get("path").text()),
                type.charAt(0),
                device.get("major").integer(),
                device.get("minor").integer(),
                device.get("fileMode").findInteger().orElse(DEFAULT_MODE),
                device.get("uid").integer(),
                device.get("gid").integer());
    }

    /// moby's profile format holds the specification's.
    private static Optional<Seccomp> seccomp(Value seccomp) throws IOException {
        if (!seccomp.isPresent()) {
            return Optional.empty();
        }
        refuse(seccomp.get("listenerPath"), "linux.seccomp.listenerPath");
        String json = new String(Document.write(seccomp.tree()), StandardCharsets.UTF_8);
        return Optional.of(
                SeccompProfile.parse(json).reduce(Set.of(), Abi.host(), KernelVersion.host()));
    }

    private static Linux.Propagation propagation(String text) {
        return switch (text) {
            case "", "private", "rprivate" -> Linux.Propagation.PRIVATE;
            case "slave", "rslave" -> Linux.Propagation.SLAVE;
            case "shared", "rshared" -> Linux.Propagation.SHARED;
            default -> throw new NotImplemented("rootfsPropagation " + text + " is not supported");
        };
    }
}
