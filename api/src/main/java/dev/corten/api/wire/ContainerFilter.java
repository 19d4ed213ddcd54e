package dev.corten.api.wire;

import dev.corten.engine.container.ContainerView;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.PortBinding;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// The filters of the container list.
public final class ContainerFilter {
    private static final List<String> STATES =
            List.of("created", "running", "paused", "restarting", "removing", "exited", "dead");
    private static final int MAX_PORT = 65535;
    private static final List<String> HEALTH = List.of("none", "starting", "healthy", "unhealthy");

    private final Filters filters;
    private final List<Pattern> names;
    private final @Nullable Instant before;
    private final @Nullable Instant since;

    private ContainerFilter(
            Filters filters,
            List<Pattern> names,
            @Nullable Instant before,
            @Nullable Instant since) {
        this.filters = filters;
        this.names = names;
        this.before = before;
        this.since = since;
    }

    /// Checks the filters.
    ///
    /// @param find finds the containers that `before` and `since` name
    public static ContainerFilter parse(Filters filters, Function<String, ContainerView> find) {
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
        requirePorts(filters, "publish");
        requirePorts(filters, "expose");
        Instant before =
                filters.get("before").stream()
                        .map(find)
                        .map(ContainerView::created)
                        .findFirst()
                        .orElse(null);
        Instant since =
                filters.get("since").stream()
                        .map(find)
                        .map(ContainerView::created)
                        .findFirst()
                        .orElse(null);
        List<Pattern> names = filters.get("name").stream().map(ContainerFilter::pattern).toList();
        return new ContainerFilter(filters, names, before, since);
    }

    /// Docker takes a bad port for a failure of its own.
    private static void requirePorts(Filters filters, String key) {
        for (String value : filters.get(key)) {
            for (String end : value.split("/", 2)[0].split("-", 2)) {
                if (!end.matches("[0-9]+")) {
                    throw new Internal(badPort(key, value, end) + ": invalid syntax");
                }
                if (end.length() > 5 || Integer.parseInt(end) > MAX_PORT) {
                    throw new Internal(badPort(key, value, end) + ": value out of range");
                }
            }
        }
    }

    private static String badPort(String key, String value, String end) {
        return "error while looking up for "
                + key
                + " "
                + value
                + ": strconv.ParseUint: parsing \""
                + end
                + "\"";
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

    /// Whether those that do not run are to be listed without being asked for.
    public boolean wantsStopped() {
        return filters.has("status");
    }

    public boolean test(ContainerView view) {
        Map<String, String> labels = Objects.requireNonNullElse(view.config().labels(), Map.of());
        return matchesName(view)
                && (!filters.has("id")
                        || filters.get("id").stream()
                                .anyMatch(id -> view.id().hex().startsWith(id)))
                && filters.matchesLabels("label", labels)
                && filters.matches("status", view.status().word())
                && filters.matches("health", "none")
                && matchesExit(view)
                && (before == null || view.created().isBefore(before))
                && (since == null || view.created().isAfter(since))
                && matchesAncestor(view)
                && matchesNetwork(view)
                && matchesVolume(view)
                && !filters.flag("is-task", false)
                && filters.matches("isolation", view.host().isolation())
                && matchesPort(filters.get("publish"), view, true)
                && matchesPort(filters.get("expose"), view, false);
    }

    private boolean matchesName(ContainerView view) {
        return names.isEmpty()
                || names.stream()
                        .anyMatch(pattern ->
                                pattern.matcher(view.name()).find()
                                        || pattern.matcher("/" + view.name()).find());
    }

    private boolean matchesExit(ContainerView view) {
        return !filters.has("exited")
                || (view.status() instanceof ContainerStatus.Exited e
                        && filters.get("exited").contains(Integer.toString(e.exitCode())));
    }

    private boolean matchesAncestor(ContainerView view) {
        if (!filters.has("ancestor")) {
            return true;
        }
        String name = normal(view.config().image());
        return filters.get("ancestor").stream()
                .anyMatch(wanted ->
                        view.image().toString().startsWith(wanted)
                                || view.image().hex().startsWith(wanted)
                                || normal(wanted).equals(name));
    }

    private static String normal(String name) {
        try {
            return Reference.parse(name).orLatest().toString();
        } catch (InvalidParameter e) {
            return name;
        }
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

    private boolean matchesNetwork(ContainerView view) {
        return !filters.has("network")
                || view.networks().entrySet().stream()
                        .anyMatch(e ->
                                filters.get("network").contains(e.getKey())
                                        || filters.get("network").stream()
                                                .anyMatch(id ->
                                                        !id.isEmpty()
                                                                && e.getValue()
                                                                        .networkId()
                                                                        .startsWith(id)));
    }

    /// `80`, `80/tcp`, `8000-8080/udp`: ports that a running container has, and that it is published
    /// on.
    private static boolean matchesPort(Set<String> wanted, ContainerView view, boolean published) {
        return wanted.isEmpty()
                || wanted.stream()
                        .map(port -> port.contains("/") ? port : port + "/tcp")
                        .anyMatch(range ->
                                view.ports().entrySet().stream()
                                        .anyMatch(port ->
                                                published
                                                        ? isPublishedIn(range, port)
                                                        : inRange(range, port.getKey())));
    }

    private static boolean isPublishedIn(String range, Map.Entry<String, List<PortBinding>> port) {
        String protocol = port.getKey().substring(port.getKey().indexOf('/'));
        return port.getValue().stream()
                .anyMatch(binding -> inRange(range, binding.hostPort() + protocol));
    }

    private static boolean inRange(String range, String port) {
        String[] wanted = range.split("/", 2);
        String[] given = port.split("/", 2);
        if (given.length > 1 && !wanted[1].equals(given[1])) {
            return false;
        }
        String[] ends = wanted[0].split("-", 2);
        try {
            int number = Integer.parseInt(given[0]);
            return Integer.parseInt(ends[0]) <= number
                    && number <= Integer.parseInt(ends[ends.length - 1]);
        } catch (NumberFormatException e) {
            throw new InvalidParameter("invalid filter 'publish=" + range + "'", e);
        }
    }
}
