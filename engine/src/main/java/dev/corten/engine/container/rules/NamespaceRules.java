package dev.corten.engine.container.rules;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import java.util.Optional;
import java.util.Set;

/// Which namespaces a container has of its own, and which it shares.
public final class NamespaceRules {
    /// What a mode begins with that names another container.
    public static final String SHARED = "container:";

    private final boolean cgroupV1;

    NamespaceRules(boolean cgroupV1) {
        this.cgroupV1 = cgroupV1;
    }

    /// @param hostname that the request asks for
    void apply(
            HostConfig request,
            HostConfig.Editor host,
            String hostname,
            ContainerDefaults defaults) {
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
        mode("PID", request.pidMode(), Set.of("", "host"), true);
        mode("IPC", host.ipcMode, Set.of("private", "host", "none", "shareable"), true);
        mode("UTS", request.utsMode(), Set.of("", "host"), false);
        if (request.utsMode().equals("host") && !hostname.isEmpty()) {
            throw new InvalidParameter("conflicting options: hostname and the UTS mode");
        }
    }

    /// The container that a mode such as `container:NAME` names; empty for other modes.
    public static Optional<String> owner(String mode) {
        return mode.startsWith(SHARED)
                ? Optional.of(mode.substring(SHARED.length()))
                : Optional.empty();
    }

    private static void mode(String kind, String mode, Set<String> known, boolean shared) {
        boolean joins =
                shared && NamespaceRules.owner(mode).filter(name -> !name.isEmpty()).isPresent();
        if (!joins && !known.contains(mode)) {
            throw new InvalidParameter("invalid " + kind + " mode: " + mode);
        }
    }
}
