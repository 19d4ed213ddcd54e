package dev.corten.engine.container;

import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.util.Map;

/// Gives containers other names.
final class Renaming {
    private final ContainerTable table;
    private final ContainerDirectory directory;
    private final LifeCycle life;

    Renaming(ContainerTable table, ContainerDirectory directory, LifeCycle life) {
        this.table = table;
        this.directory = directory;
        this.life = life;
    }

    void rename(String reference, String newName) throws IOException, InterruptedException {
        if (newName.isEmpty()) {
            throw new InvalidParameter("Neither old nor new names may be empty");
        }
        Container container = table.get(reference);
        container.begin("rename");
        try {
            String old = container.name();
            String now = table.rename(container.id, old, newName);
            container.rename(now);
            try {
                directory.writeConfig(configOf(container));
            } catch (IOException e) {
                container.rename(old);
                table.free(now, container.id);
                throw e;
            }
            // Not before that is on disk: nobody else shall be there with this name.
            table.free(old, container.id);
            life.publish(container, "rename", Map.of("oldName", "/" + old));
        } finally {
            container.end();
        }
    }

    private static ContainerFiles.Config configOf(Container container) {
        ContainerFiles.Config file =
                ContainerFiles.config(
                        container.id,
                        container.name(),
                        container.created,
                        container.path,
                        container.args,
                        container.image,
                        container.platform,
                        container.config,
                        container.endpoints,
                        container.mounts);
        return container.chain == null ? file : file.with(container.chain, container.host);
    }
}
