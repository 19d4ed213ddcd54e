package dev.corten.api.wire;

import dev.corten.engine.container.mount.MountView;
import dev.corten.engine.container.rules.CreateRequest;
import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.container.view.Created;
import dev.corten.engine.container.view.DiskSize;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.engine.image.GraphView;
import dev.corten.model.Elapsed;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.EndpointState;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.container.PortBinding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Containers: create, inspect, list, wait.
public final class ContainerJson {
    private ContainerJson() {}

    // ---- create --------------------------------------------------------------------------------

    /// Reads the body of `POST /containers/create`.
    public static CreateRequest readCreate(
            JsonInput in, Optional<String> name, Optional<String> platform, ApiVersion version) {
        if (!in.hasAny(ConfigJson.CONFIG_KEYS)) {
            throw new InvalidParameter("config cannot be empty in order to create a container");
        }
        ContainerConfig config = ConfigJson.readConfig(in, version);
        JsonInput host = in.object("HostConfig");
        HostConfig hostConfig =
                ConfigJson.readHost(host == null ? JsonInput.empty() : host, version);
        return new CreateRequest(
                name,
                version.atLeast(41) ? platform : Optional.empty(),
                config,
                hostConfig,
                readEndpoints(in.object("NetworkingConfig"), version),
                version.atLeast(44) ? MountPoint.ReadOnly.ALL : MountPoint.ReadOnly.TOP);
    }

    /// Reads a `HostConfig` that stands alone; an absent one has nothing in it.
    public static HostConfig readHost(@Nullable JsonInput host) {
        return ConfigJson.readHost(host == null ? JsonInput.empty() : host, ApiVersion.NEWEST);
    }

    /// Reads the body of `POST /commit`: nothing if the container's own configuration is meant.
    public static Optional<ContainerConfig> readConfig(JsonInput in, ApiVersion version) {
        return in.hasAny(ConfigJson.CONFIG_KEYS)
                ? Optional.of(ConfigJson.readConfig(in, version))
                : Optional.empty();
    }

    /// Reads what another engine has kept of a container, in the words of the API.
    ///
    /// @param config `Config` of its answer to `inspect`
    /// @param host `HostConfig`, likewise
    public static CreateRequest readForeign(
            String name, byte[] config, byte[] host, ApiVersion version) {
        return new CreateRequest(
                Optional.of(name),
                Optional.empty(),
                ConfigJson.readConfig(JsonInput.parse(config), version),
                ConfigJson.readHost(JsonInput.parse(host), version),
                Map.of(),
                MountPoint.ReadOnly.ALL);
    }

    /// Reads the body of `POST /containers/{name}/update`: zero and empty where nothing is asked for.
    public static HostConfig readUpdate(JsonInput in) {
        return ConfigJson.readUpdate(in);
    }

    private static Map<String, EndpointConfig> readEndpoints(
            @Nullable JsonInput networking, ApiVersion version) {
        if (networking == null) {
            return Map.of();
        }
        Map<String, EndpointConfig> endpoints =
                networking.objectsByKey(
                        "EndpointsConfig", e -> ConfigJson.readEndpoint(e, version));
        if (endpoints == null) {
            return Map.of();
        }
        if (endpoints.size() > 1 && !version.atLeast(44)) {
            throw new InvalidParameter(
                    "Container cannot be created with multiple network endpoints: "
                            + String.join(", ", endpoints.keySet()));
        }
        return endpoints;
    }

    /// @param request what it was made of
    public static Json.Document created(
            Created created, CreateRequest request, ApiVersion version) {
        var warnings = new ArrayList<String>(created.warnings());
        if (version.atLeast(44) && !request.config().macAddress().isEmpty()) {
            warnings.add(
                    "The container-wide MacAddress field is now deprecated. It should be specified"
                            + " in EndpointsConfig instead.");
        }
        return Json.object(o -> o.text("Id", created.id().hex()).texts("Warnings", warnings));
    }

    // ---- inspect -------------------------------------------------------------------------------

    /// @param size if the client asked for it
    public static Json.Document inspect(ContainerView view, Optional<DiskSize> size) {
        return Json.object(o -> {
            o.text("Id", view.id().hex())
                    .time("Created", view.created())
                    .text("Path", view.path())
                    .texts("Args", view.args())
                    .object("State", s -> writeState(s, view))
                    .text("Image", view.image().toString())
                    .text("ResolvConfPath", view.resolvConfPath())
                    .text("HostnamePath", view.hostnamePath())
                    .text("HostsPath", view.hostsPath())
                    .text("LogPath", view.logPath())
                    .text("Name", "/" + view.name())
                    .number("RestartCount", view.restartCount())
                    .text("Driver", view.graph().driver())
                    .text("Platform", view.platform())
                    .text("MountLabel", "")
                    .text("ProcessLabel", "")
                    .text("AppArmorProfile", view.apparmorProfile())
                    .texts("ExecIDs", view.execIds().isEmpty() ? null : view.execIds())
                    .object("HostConfig", h -> ConfigJson.writeHost(h, view.host()))
                    .object("GraphDriver", g -> writeGraph(g, view.graph()));
            size.ifPresent(s -> o.number("SizeRw", s.changed()).number("SizeRootFs", s.whole()));
            o.objects("Mounts", view.mounts(), (m, mount) -> writeMount(m, mount, mount.source()))
                    .object("Config", c -> ConfigJson.writeConfig(c, view.config()))
                    .object("NetworkSettings", n -> writeNetworkSettings(n, view));
        });
    }

    private static void writeMount(Json out, MountView mount, String source) {
        out.textIfAny("Type", mount.type())
                .textIfAny("Name", mount.name())
                .text("Source", source)
                .text("Destination", mount.destination())
                .textIfAny("Driver", mount.driver())
                .text("Mode", mount.mode())
                .flag("RW", mount.writable())
                .text("Propagation", mount.propagation());
    }

    static void writeGraph(Json out, GraphView graph) {
        out.map("Data", graph.data().isEmpty() ? null : graph.data()).text("Name", graph.driver());
    }

    private static void writeState(Json out, ContainerView view) {
        ContainerStatus status = view.status();
        boolean paused = status instanceof ContainerStatus.Running r && r.paused();
        out.text("Status", status.word())
                .flag("Running", view.running())
                .flag("Paused", paused)
                .flag("Restarting", status instanceof ContainerStatus.Restarting)
                .flag(
                        "OOMKilled",
                        status.lastRun().map(ContainerStatus.Exited::oomKilled).orElse(false))
                .flag("Dead", status instanceof ContainerStatus.Dead)
                .number("Pid", view.pid())
                .number("ExitCode", status.exitCode())
                .text("Error", error(status))
                .time("StartedAt", view.startedAt().orElse(GoTime.ZERO))
                .time("FinishedAt", view.finishedAt().orElse(GoTime.ZERO));
    }

    private static String error(ContainerStatus status) {
        return switch (status) {
            case ContainerStatus.Created c -> c.error();
            case ContainerStatus.Exited e -> e.error();
            case ContainerStatus.Restarting r -> r.last().error();
            case ContainerStatus.Dead d -> d.error();
            case ContainerStatus.Running _, ContainerStatus.Removing _ -> "";
        };
    }

    private static void writeNetworkSettings(Json out, ContainerView view) {
        EndpointState bridge =
                view.networks()
                        .getOrDefault(
                                "bridge", EndpointState.disconnected(EndpointConfig.EMPTY, ""));
        out.text("Bridge", "")
                .text("SandboxID", view.sandboxId())
                .text("SandboxKey", view.sandboxKey());
        ConfigJson.writePortMap(out, "Ports", view.ports());
        out.flag("HairpinMode", false)
                .text("LinkLocalIPv6Address", "")
                .number("LinkLocalIPv6PrefixLen", 0)
                .none("SecondaryIPAddresses")
                .none("SecondaryIPv6Addresses")
                .text("EndpointID", bridge.endpointId())
                .text("Gateway", bridge.gateway())
                .text("GlobalIPv6Address", bridge.globalIpv6Address())
                .number("GlobalIPv6PrefixLen", bridge.globalIpv6PrefixLength())
                .text("IPAddress", bridge.ipAddress())
                .number("IPPrefixLen", bridge.ipPrefixLength())
                .text("IPv6Gateway", bridge.ipv6Gateway())
                .text("MacAddress", bridge.mac());
        writeNetworks(out, view);
    }

    private static void writeNetworks(Json out, ContainerView view) {
        out.object(
                "Networks",
                networks ->
                        view.networks()
                                .forEach((name, endpoint) ->
                                        networks.object(name, e -> writeEndpoint(e, endpoint))));
    }

    private static void writeEndpoint(Json out, EndpointState endpoint) {
        EndpointConfig config = endpoint.config();
        out.plain("IPAMConfig", config.ipamConfig())
                .texts("Links", config.links())
                .texts("Aliases", config.aliases())
                .text("MacAddress", endpoint.mac())
                .map("DriverOpts", config.driverOpts())
                .number("GwPriority", config.gwPriority())
                .text("NetworkID", endpoint.networkId())
                .text("EndpointID", endpoint.endpointId())
                .text("Gateway", endpoint.gateway())
                .text("IPAddress", endpoint.ipAddress())
                .number("IPPrefixLen", endpoint.ipPrefixLength())
                .text("IPv6Gateway", endpoint.ipv6Gateway())
                .text("GlobalIPv6Address", endpoint.globalIpv6Address())
                .number("GlobalIPv6PrefixLen", endpoint.globalIpv6PrefixLength())
                .none("DNSNames");
    }

    // ---- list ----------------------------------------------------------------------------------

    /// One element of the list.
    ///
    /// @param image the name to show: as given, or the ID when the name has moved on
    /// @param size if the client asked for it
    public static void writeSummary(
            Json out, ContainerView view, String image, Optional<DiskSize> size, Instant now) {
        out.text("Id", view.id().hex())
                .texts("Names", names(view))
                .text("Image", image)
                .text("ImageID", view.image().toString())
                .text("Command", command(view))
                .number("Created", view.created().getEpochSecond())
                .objects("Ports", ports(view), ContainerJson::writePort);
        size.ifPresent(
                s -> out.numberIfAny("SizeRw", s.changed()).numberIfAny("SizeRootFs", s.whole()));
        out.map("Labels", Objects.requireNonNullElse(view.config().labels(), Map.of()))
                .text("State", view.status().word())
                .text("Status", status(view, now))
                .object(
                        "HostConfig",
                        h ->
                                h.text("NetworkMode", view.host().networkMode())
                                        .mapIfAny("Annotations", view.host().annotations()))
                .object("NetworkSettings", s -> writeNetworks(s, view))
                .objects(
                        "Mounts",
                        view.mounts(),
                        (m, mount) -> writeMount(m, mount, mount.declared() ? "" : mount.source()));
    }

    private static List<String> names(ContainerView view) {
        if (view.linkNames().isEmpty()) {
            return List.of("/" + view.name());
        }
        var names = new TreeSet<>(view.linkNames());
        names.add("/" + view.name());
        return List.copyOf(names);
    }

    /// The path and its arguments; an argument with a blank in quotes, nothing escaped.
    private static String command(ContainerView view) {
        var text = new StringBuilder(view.path());
        for (String arg : view.args()) {
            text.append(' ');
            if (arg.indexOf(' ') >= 0) {
                text.append('\'').append(arg).append('\'');
            } else {
                text.append(arg);
            }
        }
        return text.toString().strip();
    }

    /// @param outside zero if it is not published
    record Port(String ip, int inside, int outside, String protocol) {}

    /// The ports of a container that runs.
    static List<Port> ports(ContainerView view) {
        if (!view.running()) {
            return List.of();
        }
        var ports = new ArrayList<Port>();
        var all = new TreeMap<String, List<PortBinding>>(view.ports());
        SortedSet<String> exposed = view.config().exposedPorts();
        if (exposed != null) {
            exposed.forEach(port -> all.putIfAbsent(port, List.of()));
        }
        all.forEach((port, bindings) -> {
            int slash = port.indexOf('/');
            int inside = Integer.parseInt(slash < 0 ? port : port.substring(0, slash));
            String protocol = slash < 0 ? "tcp" : port.substring(slash + 1);
            if (bindings.isEmpty()) {
                ports.add(new Port("", inside, 0, protocol));
            }
            for (PortBinding binding : bindings) {
                int outside = Integer.parseInt(binding.hostPort());
                ports.add(new Port(binding.hostIp(), inside, outside, protocol));
            }
        });
        ports.sort(java.util.Comparator.comparingInt(Port::inside));
        return ports;
    }

    private static void writePort(Json out, Port port) {
        out.textIfAny("IP", port.ip())
                .number("PrivatePort", port.inside())
                .numberIfAny("PublicPort", port.outside())
                .text("Type", port.protocol());
    }

    private static String status(ContainerView view, Instant now) {
        return switch (view.status()) {
            case ContainerStatus.Created _ -> "Created";
            case ContainerStatus.Running r ->
                    "Up "
                            + Elapsed.words(Duration.between(r.startedAt(), now).toSeconds())
                            + (r.paused() ? " (Paused)" : "");
            case ContainerStatus.Restarting r -> "Restarting " + ended(r.last(), now);
            case ContainerStatus.Exited e -> "Exited " + ended(e, now);
            case ContainerStatus.Removing _ -> "Removal In Progress";
            case ContainerStatus.Dead _ -> "Dead";
        };
    }

    private static String ended(ContainerStatus.Exited last, Instant now) {
        return "("
                + last.exitCode()
                + ") "
                + Elapsed.words(Duration.between(last.finishedAt(), now).toSeconds())
                + " ago";
    }

    // ---- wait ----------------------------------------------------------------------------------

    /// Written by a plain encoder in Docker, hence escaped.
    public static Json.Document waited(WaitResult result) {
        return Json.escapedObject(o -> {
            o.number("StatusCode", result.exitCode());
            if (!result.error().isEmpty()) {
                o.object("Error", e -> e.text("Message", result.error()));
            }
        });
    }
}
