package dev.corten.engine.container.rules;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import dev.corten.model.oci.Capability;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a container may do to the host: capabilities, security options, hidden paths.
final class SecurityRules {
    private final List<String> maskedPaths;
    private final List<String> readonlyPaths;

    /// @param maskedPaths hidden unless a request says otherwise
    /// @param readonlyPaths not writable unless a request says otherwise
    SecurityRules(List<String> maskedPaths, List<String> readonlyPaths) {
        this.maskedPaths = List.copyOf(maskedPaths);
        this.readonlyPaths = List.copyOf(readonlyPaths);
    }

    /// @param host has the namespaces' modes filled in already
    void apply(HostConfig request, HostConfig.Editor host) {
        capabilities("CapAdd", request.capAdd());
        capabilities("CapDrop", request.capDrop());
        host.securityOpt = securityOptions(request, host.ipcMode);
        if (request.securityOpt() != null) {
            SecurityOptions.parse(request.securityOpt());
        }
        if (request.privileged()) {
            host.maskedPaths = null;
            host.readonlyPaths = null;
        } else {
            host.maskedPaths = request.maskedPaths() == null ? maskedPaths : request.maskedPaths();
            host.readonlyPaths =
                    request.readonlyPaths() == null ? readonlyPaths : request.readonlyPaths();
        }
    }

    /// Who shares the host's processes or is privileged is without a label, unless the request names
    /// one: so Docker shows it, also where there is no SELinux.
    private static @Nullable List<String> securityOptions(HostConfig request, String ipcMode) {
        List<String> given = request.securityOpt() == null ? List.of() : request.securityOpt();
        boolean open =
                request.privileged() || request.pidMode().equals("host") || ipcMode.equals("host");
        if (!open || given.stream().anyMatch(o -> o.startsWith("label"))) {
            return request.securityOpt();
        }
        var all = new ArrayList<String>(given);
        all.add("label=disable");
        return all;
    }

    private static void capabilities(String field, @Nullable List<String> names) {
        if (names == null) {
            return;
        }
        for (String name : names) {
            String upper = name.toUpperCase(Locale.ROOT);
            if (!upper.equals("ALL") && Capability.find(upper).isEmpty()) {
                String shown = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
                throw new InvalidParameter(
                        "invalid " + field + ": unknown capability: \"" + shown + "\"");
            }
        }
    }
}
