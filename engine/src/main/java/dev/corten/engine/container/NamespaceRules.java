package dev.corten.engine.container;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import java.util.Set;

/// Which namespaces a container has of its own, and which it shares.
final class NamespaceRules {
    private final boolean cgroupV1;

    NamespaceRules(boolean cgroupV1) {
        this.cgroupV1 = cgroupV1;
    }

    void apply(HostConfig request, HostConfig.Editor host, ContainerDefaults defaults) {
        if (!request.usernsMode().isEmpty() && !request.usernsMode().equals("host")) {
            throw CreateRules.notYet("user namespaces");
        }
        if (request.ipcMode().isEmpty()) {
            host.ipcMode = defaults.ipcMode();
        }
        if (request.cgroupnsMode().isEmpty()) {
            host.cgroupnsMode = defaults.cgroupnsMode();
            if (host.cgroupnsMode.isEmpty()) {
                host.cgroupnsMode = cgroupV1 ? "host" : "private";
            }
        } else if (!request.cgroupnsMode().equals("host")
                && !request.cgroupnsMode().equals("private")) {
            throw new InvalidParameter("invalid cgroup namespace mode: " + request.cgroupnsMode());
        }
        namespaceMode("PID", request.pidMode(), Set.of("", "host", "private"));
        namespaceMode("IPC", host.ipcMode, Set.of("private", "host", "none", "shareable"));
        namespaceMode("UTS", request.utsMode(), Set.of("", "host"));
    }

    private static void namespaceMode(String kind, String mode, Set<String> known) {
        if (mode.startsWith("container:")) {
            throw CreateRules.notYet("sharing the " + kind + " namespace of another container");
        }
        if (!known.contains(mode)) {
            throw new InvalidParameter("invalid " + kind + " mode: " + mode);
        }
    }
}
