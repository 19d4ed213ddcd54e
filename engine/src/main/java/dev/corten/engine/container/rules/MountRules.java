package dev.corten.engine.container.rules;

import dev.corten.engine.container.mount.MountChecks;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;

/// What can be said of a container's mounts without looking at anything else; the rest is
/// [MountPlanning]'s.
final class MountRules {
    private MountRules() {}

    static void apply(HostConfig request) {
        if (request.tmpfs() != null) {
            for (String path : request.tmpfs().keySet()) {
                if (!path.startsWith("/")) {
                    throw new InvalidParameter(
                            "invalid mount path: '" + path + "' mount path must be absolute");
                }
                if (MountChecks.clean(path).equals("/")) {
                    throw new InvalidParameter("invalid specification: destination can't be '/'");
                }
            }
        }
    }
}
