package dev.corten.engine.container;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.image.ImageConfig;

/// What is mounted in a container beside its image.
final class MountRules {
    private MountRules() {}

    static void apply(HostConfig request) {
        CreateRules.absent("bind mounts and volumes (-v)", request.binds());
        CreateRules.absent("mounts (--mount)", request.mounts());
        CreateRules.absent("--volumes-from", request.volumesFrom());
        if (!request.volumeDriver().isEmpty() && !request.volumeDriver().equals("local")) {
            throw CreateRules.notYet("volume drivers");
        }
        if (request.tmpfs() != null) {
            for (String path : request.tmpfs().keySet()) {
                if (!path.startsWith("/")) {
                    throw new InvalidParameter(
                            "invalid mount path: '" + path + "' mount path must be absolute");
                }
            }
        }
    }

    /// @param requested the volumes of the request, before the image's are merged in
    static void volumes(ContainerConfig requested, ImageConfig image) {
        if (image.volumes() != null && !image.volumes().isEmpty()) {
            throw CreateRules.notYet("volumes: the image declares VOLUME " + image.volumes());
        }
        CreateRules.absent("volumes", requested.volumes());
    }
}
