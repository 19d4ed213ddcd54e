package dev.corten.engine.container;

import dev.corten.engine.container.rules.LinkText;
import dev.corten.engine.container.rules.NamespaceRules;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.model.ContainerId;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.EndpointState;
import dev.corten.model.container.HostConfig;
import dev.corten.network.file.HostsFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// Who knows whom by a name of its own on the default bridge: `--link db:alias`.
///
/// The linking container's `HostConfig` is the only record of it, as `<id>:<alias>`, so that a new
/// name of either changes nothing. Clients see Docker's `/db:/web/alias`, and the linked container
/// has `web/alias` as a further name.
final class Links {
    /// @param child the linked container; one that has been removed is empty
    /// @param name of the linked container
    private record Link(String alias, Optional<Container> child, String name) {}

    private final ContainerTable table;

    /// What linked containers were called that are gone, as long as somebody has a link to them.
    private final Map<ContainerId, String> former = new ConcurrentHashMap<>();

    Links(ContainerTable table) {
        this.table = table;
    }

    // ---- create --------------------------------------------------------------------------------

    /// The links that a request asks for, in the form in which they are kept.
    ///
    /// @throws InvalidParameter in Docker's words if one is malformed or leads nowhere
    HostConfig resolve(HostConfig request) {
        if (request.links() == null) {
            return request;
        }
        var ids = new LinkedHashMap<String, ContainerId>();
        // Those of other networks belong to the endpoint.
        if (Sandboxes.isPredefined(request.networkMode())) {
            for (String text : request.links()) {
                LinkText link = LinkText.parse(text);
                Container child = linkable(link.name());
                if (!link.alias().isEmpty()) {
                    ids.putIfAbsent(link.alias(), child.id);
                }
            }
        }
        return with(request, ids);
    }

    private Container linkable(String name) {
        Container child = find(name);
        while (child.host.networkMode().startsWith(NamespaceRules.SHARED)) {
            child = find(child.host.networkMode().substring(NamespaceRules.SHARED.length()));
        }
        if (child.host.networkMode().equals(Sandboxes.HOST)) {
            throw LinkText.onHostNetwork();
        }
        return child;
    }

    private Container find(String name) {
        try {
            return table.get(name);
        } catch (NotFound | InvalidParameter e) {
            throw new InvalidParameter(
                    "could not get container for " + name + ": " + e.message(), e);
        }
    }

    private static HostConfig with(HostConfig host, Map<String, ContainerId> ids) {
        var edit = host.edit();
        var links = new ArrayList<String>();
        ids.forEach((alias, id) -> links.add(id + ":" + alias));
        edit.links = links.isEmpty() ? null : links;
        return edit.done();
    }

    // ---- what is there -------------------------------------------------------------------------

    private static Map<String, ContainerId> ids(HostConfig host) {
        if (host.links() == null) {
            return Map.of();
        }
        var ids = new LinkedHashMap<String, ContainerId>();
        for (String link : host.links()) {
            int colon = link.indexOf(':');
            ids.put(link.substring(colon + 1), new ContainerId(link.substring(0, colon)));
        }
        return ids;
    }

    /// The linked containers, but for those that had been removed when the daemon was started.
    private List<Link> of(Container parent) {
        var links = new ArrayList<Link>();
        ids(parent.host)
                .forEach((alias, id) -> {
                    Optional<Container> child = table.find(id);
                    String name = child.map(Container::name).orElse(former.get(id));
                    if (name != null) {
                        links.add(new Link(alias, child, name));
                    }
                });
        return links;
    }

    /// The linked containers that are there.
    List<Container> children(Container parent) {
        return of(parent).stream().flatMap(link -> link.child().stream()).toList();
    }

    private static String fullName(Container parent, String alias) {
        return "/" + parent.name() + "/" + alias;
    }

    /// As clients see it.
    HostConfig shown(Container container) {
        if (container.host.links() == null) {
            return container.host;
        }
        var edit = container.host.edit();
        List<String> links =
                of(container).stream()
                        .map(link -> "/" + link.name() + ":" + fullName(container, link.alias()))
                        .toList();
        edit.links = links.isEmpty() ? null : links;
        return edit.done();
    }

    /// The names that containers have by links to them, with a slash in front.
    Map<ContainerId, SortedSet<String>> names() {
        var names = new HashMap<ContainerId, SortedSet<String>>();
        for (Container parent : table.all()) {
            ids(parent.host)
                    .forEach((alias, id) ->
                            names.computeIfAbsent(id, _ -> new TreeSet<>())
                                    .add(fullName(parent, alias)));
        }
        return names;
    }

    /// The container with this name by a link: `web/alias`, with or without a slash in front.
    Optional<Container> named(String reference) {
        return Name.parse(reference)
                .flatMap(name ->
                        table.named(name.parent())
                                .map(parent -> ids(parent.host).get(name.alias()))
                                .flatMap(table::find));
    }

    /// The name of a link.
    record Name(String parent, String alias) {
        /// Empty if there is no slash in it but in front.
        static Optional<Name> parse(String reference) {
            String bare = reference.startsWith("/") ? reference.substring(1) : reference;
            int slash = bare.lastIndexOf('/');
            return slash < 0
                    ? Optional.empty()
                    : Optional.of(new Name(bare.substring(0, slash), bare.substring(slash + 1)));
        }
    }

    /// Without one of its links.
    static HostConfig without(HostConfig host, String alias) {
        var ids = new LinkedHashMap<>(ids(host));
        ids.remove(alias);
        return with(host, ids);
    }

    /// A container is no more. Those that have a link to it keep that until the daemon ends, and do
    /// not start, as with Docker.
    void removed(Container container) {
        var wanted = new HashSet<ContainerId>();
        table.all().forEach(parent -> wanted.addAll(ids(parent.host).values()));
        former.keySet().retainAll(wanted);
        if (wanted.contains(container.id)) {
            former.put(container.id, container.name());
        }
    }

    // ---- start ---------------------------------------------------------------------------------

    /// What a container is told of the others in its environment, at a start and at an exec.
    ///
    /// @throws Internal in Docker's words if one of them does not run, or is elsewhere
    List<String> environment(Container parent) {
        var variables = new ArrayList<String>();
        if (isBridged(parent)) {
            for (Link link : of(parent)) {
                String fullName = fullName(parent, link.alias());
                Container child = running(link, fullName);
                EndpointState state =
                        bridge(child)
                                .orElseThrow(() ->
                                        new Internal(
                                                "container "
                                                        + child.id
                                                        + " not attached to default bridge"
                                                        + " network"));
                variables.addAll(
                        LinkVariables.of(link.alias(), fullName, state.ipAddress(), child.config));
            }
        }
        return variables;
    }

    private static Container running(Link link, String fullName) {
        Optional<Container> child =
                link.child().filter(c -> c.status() instanceof ContainerStatus.Running);
        return child.orElseThrow(() ->
                new Internal(
                        "Cannot link to a non running container: /"
                                + link.name()
                                + " AS "
                                + fullName));
    }

    /// The lines of `/etc/hosts` for the others.
    List<HostsFile.Entry> hosts(Container parent) {
        var entries = new ArrayList<HostsFile.Entry>();
        if (isBridged(parent)) {
            for (Link link : of(parent)) {
                link.child().ifPresent(child -> entry(link, child).ifPresent(entries::add));
            }
        }
        return entries;
    }

    private static Optional<HostsFile.Entry> entry(Link link, Container child) {
        String names = link.alias() + " " + child.config.hostname();
        if (!link.alias().equals(link.name())) {
            names += " " + link.name();
        }
        String all = names;
        return bridge(child)
                .map(EndpointState::ipAddress)
                .filter(address -> !address.isEmpty())
                .map(address -> new HostsFile.Entry(address, all));
    }

    private static boolean isBridged(Container container) {
        return bridge(container).isPresent();
    }

    private static Optional<EndpointState> bridge(Container container) {
        return Optional.ofNullable(container.persistent().networks().get(Sandboxes.BRIDGE));
    }

    /// Those that run and have a link to the container, with the name that they know it by.
    Map<Container, String> runningParents(Container child) {
        var parents = new HashMap<Container, String>();
        for (Container parent : table.all()) {
            ids(parent.host)
                    .forEach((alias, id) -> {
                        if (id.equals(child.id)
                                && parent.status() instanceof ContainerStatus.Running) {
                            parents.put(parent, alias);
                        }
                    });
        }
        return parents;
    }
}
