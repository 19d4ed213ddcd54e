package dev.corten.engine.container;

import dev.corten.engine.container.name.Names;
import dev.corten.model.ContainerId;
import dev.corten.model.NotFound;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/// Which containers there are, by ID and by name. Thread-safe.
final class ContainerTable {
    private final Names names;
    private final Map<ContainerId, Container> containers = new ConcurrentHashMap<>();
    private final Links links = new Links(this);

    ContainerTable(RandomGenerator random) {
        this.names = new Names(random);
    }

    /// Who knows whom by another name.
    Links links() {
        return links;
    }

    /// Takes a name for a container that is being made; see [Names#reserve].
    String reserve(Optional<String> requested, ContainerId id) {
        return names.reserve(requested, id);
    }

    /// Gives a reserved name back.
    void release(String name, ContainerId id) {
        names.release(name, id);
    }

    /// From here on the container is found.
    void add(Container container) {
        containers.put(container.id, container);
    }

    /// A container that an earlier daemon made, with the name that is free for it.
    void adopt(Container container, String name) {
        container.rename(names.adopt(name, container.id));
        add(container);
    }

    /// @return the other name; see [Names#rename]
    String rename(ContainerId id, String current, String requested) {
        return names.rename(id, current, requested);
    }

    /// One of two names of a container is not its any more.
    void free(String name, ContainerId id) {
        names.free(name, id);
    }

    /// The container is not found any more and its name is free.
    void remove(Container container) {
        containers.remove(container.id);
        names.release(container.name(), container.id);
    }

    /// The container with this ID, if it is there.
    Optional<Container> find(ContainerId id) {
        return Optional.ofNullable(containers.get(id));
    }

    /// The container with exactly this name.
    Optional<Container> named(String name) {
        return names.find(name).flatMap(this::find);
    }

    /// @param reference may also be the name of a link to it
    /// @throws NotFound and InvalidParameter as [Names#resolve]
    Container get(String reference) {
        Optional<Container> linked = links.named(reference);
        if (linked.isPresent()) {
            return linked.get();
        }
        Container container = containers.get(names.resolve(reference));
        if (container == null) {
            throw new NotFound("No such container: " + reference);
        }
        return container;
    }

    Collection<Container> all() {
        return containers.values();
    }

    Set<ContainerId> ids() {
        return containers.keySet();
    }
}
