package dev.corten.engine.container;

import dev.corten.model.Conflict;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.PortBinding;
import dev.corten.network.PublishRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How a container is connected: network mode, endpoints, published ports, names of hosts.
final class NetworkRules {
    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");

    private NetworkRules() {}

    static void apply(HostConfig request, HostConfig.Editor host, List<String> warnings) {
        CreateRules.absent("links", request.links());
        if (request.networkMode().isEmpty() || request.networkMode().equals("default")) {
            host.networkMode = "bridge";
        }
        ports(request.portBindings());
        if (request.extraHosts() != null) {
            for (String name : request.extraHosts()) {
                if (name.indexOf(':') < 0 && name.indexOf('=') < 0) {
                    throw new InvalidParameter("bad format for add-host: \"" + name + "\"");
                }
            }
        }
        if (host.networkMode.equals("host")
                && (request.publishAllPorts()
                        || (request.portBindings() != null && !request.portBindings().isEmpty()))) {
            warnings.add("Published ports are discarded when using host network mode");
        }
    }

    /// @param mode the network mode, filled in
    static Map<String, EndpointConfig> endpoints(CreateRequest request, String mode) {
        boolean own = mode.equals("bridge");
        boolean known =
                own || mode.equals("none") || mode.equals("host") || mode.startsWith("container:");
        if (!known) {
            throw CreateRules.notYet("user-defined networks (" + mode + ")");
        }
        if (mode.startsWith("container:") && !request.config().hostname().isEmpty()) {
            throw new InvalidParameter("conflicting options: hostname and the network mode");
        }
        var endpoints = new LinkedHashMap<String, EndpointConfig>();
        for (var endpoint : request.endpoints().entrySet()) {
            String name = endpoint.getKey().equals("default") ? "bridge" : endpoint.getKey();
            if (!name.equals(mode)) {
                throw CreateRules.notYet(
                        "more than one network, and user-defined networks (" + name + ")");
            }
            endpoints.put(name, endpoint.getValue());
        }
        if (!mode.startsWith("container:")) {
            endpoints.putIfAbsent(mode, EndpointConfig.EMPTY);
        }
        if (own && !request.config().macAddress().isEmpty()) {
            endpoints.computeIfPresent(
                    mode, (_, e) -> e.orMacAddress(request.config().macAddress()));
        }
        for (EndpointConfig endpoint : endpoints.values()) {
            if (!endpoint.macAddress().isEmpty() && !MAC.matcher(endpoint.macAddress()).matches()) {
                throw new InvalidParameter(
                        "invalid config for network "
                                + mode
                                + ": invalid MAC address "
                                + endpoint.macAddress());
            }
        }
        if (own && endpoints.size() > 1) {
            throw new Conflict("Container cannot be connected to several networks");
        }
        return endpoints;
    }

    private static void ports(@Nullable Map<String, List<PortBinding>> bindings) {
        if (bindings != null) {
            PublishRequest.parse(bindings);
        }
    }
}
