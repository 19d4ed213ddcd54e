package dev.corten.engine.container.rules;

import dev.corten.kernel.cgroup.ClassesOfService;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Limits that are files of the host by name, things of Podman's: `--cgroup-conf memory.high=64M` and
/// `--rdt-class gold`.
final class HostFileRules {
    private static final Pattern FILE = Pattern.compile("[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z0-9_]+)+");

    /// The other files of a group itself move, stop or end processes, its own or others.
    private static final Set<String> OF_GROUPS =
            Set.of("cgroup.max.depth", "cgroup.max.descendants", "cgroup.pressure");

    private final boolean cgroupV1;
    private final ClassesOfService classes;

    HostFileRules(boolean cgroupV1, ClassesOfService classes) {
        this.cgroupV1 = cgroupV1;
        this.classes = classes;
    }

    void check(HostConfig request) {
        if (request.cgroupConf() != null && !request.cgroupConf().isEmpty()) {
            if (cgroupV1) {
                throw new InvalidParameter("cannot use --cgroup-conf without cgroup v2");
            }
            request.cgroupConf().entrySet().forEach(HostFileRules::checkFile);
        }
        if (request.rdtClass() != null) {
            checkClass(request.rdtClass());
        }
    }

    private static void checkFile(Map.Entry<String, String> file) {
        String name = file.getKey();
        boolean plain = FILE.matcher(name).matches();
        if (!plain || (name.startsWith("cgroup.") && !OF_GROUPS.contains(name))) {
            throw new InvalidParameter(
                    "invalid --cgroup-conf key \""
                            + name
                            + "\": it must be the name of a limit of the container's own group");
        }
        if (file.getValue().chars().anyMatch(Character::isISOControl)) {
            throw new InvalidParameter("invalid --cgroup-conf value for \"" + name + "\"");
        }
    }

    private void checkClass(String name) {
        if (!ClassesOfService.isName(name)) {
            throw new InvalidParameter("invalid RDT class \"" + name + "\"");
        }
        try {
            if (!classes.areThere()) {
                throw new InvalidParameter(
                        "cannot use --rdt-class: resctrl is not mounted at "
                                + ClassesOfService.ROOT
                                + ", or this processor has no RDT");
            }
            if (!classes.has(name)) {
                throw new InvalidParameter(
                        "no such RDT class: " + ClassesOfService.ROOT + "/" + name);
            }
        } catch (IOException e) {
            throw new Internal("cannot look at RDT classes: " + e.getMessage(), e);
        }
    }
}
