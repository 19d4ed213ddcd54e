package dev.corten.api.wire;

import dev.corten.engine.container.view.ContainerView;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.container.ContainerStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;

/// The filters of the container list.
public final class ContainerFilter {
    private static final List<String> STATES =
            List.of("created", "running", "paused", "restarting", "removing", "exited", "dead");
    private static final List<String> HEALTH = List.of("none", "starting", "healthy", "unhealthy");

    private final Filters filters;
    private final List<Pattern> names;
    private final Optional<ContainerId> before;
    private final Optional<ContainerId> since;
    private final Set<Digest> images;
    private final Set<String> published;
    private final Set<String> exposed;

    private ContainerFilter(
            Filters filters, Lookup lookup, Set<String> published, Set<String> exposed) {
        this.filters = filters;
        this.names = filters.get("name").stream().map(ContainerFilter::pattern).toList();
        this.before = neighbour(filters.get("before"), lookup);
        this.since = neighbour(filters.get("since"), lookup);
        this.images =
                filters.get("ancestor").stream()
                        .flatMap(name -> lookup.image(name).stream())
                        .collect(Collectors.toUnmodifiableSet());
        this.published = published;
        this.exposed = exposed;
    }

    /// What names in filters stand for.
    public interface Lookup {
        /// @throws NotFound if there is none
        ContainerView container(String reference);

        /// The ID of the image with this name.
        Optional<Digest> image(String name);
    }

    /// Checks the filters.
    ///
    /// @throws NotFound if a container that they name is not there
    public static ContainerFilter parse(Filters filters, Lookup lookup) {
        filters.allowing(
                "ancestor",
                "before",
                "exited",
                "id",
                "isolation",
                "label",
                "name",
                "status",
                "health",
                "since",
                "volume",
                "network",
                "is-task",
                "publish",
                "expose");
        requireOneOf(filters, "status", "state", STATES);
        requireOneOf(filters, "health", "health", HEALTH);
        for (String code : filters.get("exited")) {
            if (!code.matches("-?[0-9]{1,9}")) {
                throw new InvalidParameter(
                        "invalid filter 'exited="
                                + code
                                + "': strconv.Atoi: parsing \""
                                + code
                                + "\": invalid syntax");
            }
        }
        filters.flag("is-task", false);
        return new ContainerFilter(
                filters,
                lookup,
                PortRanges.of("publish", filters.get("publish")),
                PortRanges.of("expose", filters.get("expose")));
    }

    /// A full ID or a full name: a part of an ID is not enough here, as with Docker. Of several
    /// containers it takes any.
    private static Optional<ContainerId> neighbour(Set<String> references, Lookup lookup) {
        Optional<ContainerId> found = Optional.empty();
        for (String reference : references) {
            ContainerView view = lookup.container(reference);
            String name = reference.startsWith("/") ? reference : "/" + reference;
            boolean exact =
                    view.id().hex().equals(reference)
                            || name.equals("/" + view.name())
                            || view.linkNames().contains(name);
            if (!exact) {
                throw new NotFound("No such container: " + reference);
            }
            found = Optional.of(view.id());
        }
        return found;
    }

    private static void requireOneOf(
            Filters filters, String key, String what, List<String> allowed) {
        for (String value : filters.get(key)) {
            if (!allowed.contains(value)) {
                throw new InvalidParameter(
                        "invalid filter '"
                                + key
                                + "="
                                + value
                                + "': invalid value for "
                                + what
                                + " ("
                                + value
                                + "): must be one of "
                                + String.join(", ", allowed));
            }
        }
    }

    private static Pattern pattern(String name) {
        try {
            return Pattern.compile(name);
        } catch (PatternSyntaxException e) {
            return Pattern.compile(Pattern.quote(name));
        }
    }

    /// Those that are asked for.
    ///
    /// As in Docker, `before` and `since` are places in a list that names and IDs have shortened
    /// already: `before` a container that is not in it is nothing, `since` it is everything.
    ///
    /// @param containers newest first
    /// @param all whether also those that do not run
    /// @param limit zero or less for none
    public List<ContainerView> select(List<ContainerView> containers, boolean all, int limit) {
        boolean stopped = all || limit > 0 || filters.has("status");
        List<ContainerView> listed = listed(containers);
        int from = before.map(id -> indexOf(listed, id) + 1).orElse(0);
        int to = since.map(id -> indexOf(listed, id)).orElse(listed.size());
        if (before.isPresent() && from == 0) {
            return List.of();
        }
        return listed.subList(from, Math.max(from, to < 0 ? listed.size() : to)).stream()
                .filter(view -> stopped || view.running())
                .filter(this::test)
                .limit(limit > 0 ? limit : Long.MAX_VALUE)
                .toList();
    }

    private static int indexOf(List<ContainerView> views, ContainerId id) {
        for (int i = 0; i < views.size(); i++) {
            if (views.get(i).id().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    /// Those that the IDs and names stand for.
    private List<ContainerView> listed(List<ContainerView> containers) {
        if (filters.has("id")) {
            var found = new HashSet<ContainerView>();
            for (String prefix : filters.get("id")) {
                List<ContainerView> matches =
                        containers.stream()
                                .filter(view -> view.id().hex().startsWith(prefix))
                                .toList();
                // One that stands for several, or for any, stands for none.
                if (!prefix.isEmpty() && matches.size() == 1) {
                    found.add(matches.getFirst());
                }
            }
            return containers.stream().filter(found::contains).toList();
        }
        return names.isEmpty()
                ? containers
                : containers.stream()
                        .filter(view ->
                                matchesName(view.name())
                                        || view.linkNames().stream()
                                                .anyMatch(n -> matchesName(n.substring(1))))
                        .toList();
    }

    private boolean test(ContainerView view) {
        Map<String, String> labels = Objects.requireNonNullElse(view.config().labels(), Map.of());
        return (names.isEmpty() || matchesName(view.name()))
                && filters.matchesLabels("label", labels)
                && filters.matches("status", view.status().word())
                && filters.matches("health", "none")
                && matchesExit(view)
                && (!filters.has("ancestor") || images.contains(view.image()))
                && matchesNetwork(view)
                && matchesVolume(view)
                && !filters.flag("is-task", false)
                && matchesPort(view);
    }

    /// @param name without slash in front; it may be asked for with one
    private boolean matchesName(String name) {
        return names.stream()
                .anyMatch(pattern ->
                        pattern.matcher(name).find() || pattern.matcher("/" + name).find());
    }

    private boolean matchesExit(ContainerView view) {
        return !filters.has("exited")
                || (view.status() instanceof ContainerStatus.Exited e
                        && filters.get("exited").contains(Integer.toString(e.exitCode())));
    }

    /// By the name of a volume, the path on the host or the place in the container.
    private boolean matchesVolume(ContainerView view) {
        return !filters.has("volume")
                || view.mounts().stream()
                        .anyMatch(mount ->
                                filters.get("volume")
                                                .contains(
                                                        mount.name().isEmpty()
                                                                ? mount.source()
                                                                : mount.name())
                                        || filters.get("volume").contains(mount.destination()));
    }

    /// By the name, or the beginning of the ID.
    private boolean matchesNetwork(ContainerView view) {
        return !filters.has("network")
                || view.networks().entrySet().stream()
                        .anyMatch(network ->
                                filters.get("network").stream()
                                        .anyMatch(wanted ->
                                                network.getKey().equals(wanted)
                                                        || network.getValue()
                                                                .networkId()
                                                                .startsWith(wanted)));
    }

    /// One of the ports is enough, whether it is published or exposed as one of those asked for. A
    /// port that is not published counts as published on 0.
    private boolean matchesPort(ContainerView view) {
        return (published.isEmpty() && exposed.isEmpty())
                || ContainerJson.ports(view).stream()
                        .anyMatch(port ->
                                published.contains(port.outside() + "/" + port.protocol())
                                        || exposed.contains(port.inside() + "/" + port.protocol()));
    }
}
