package dev.corten.engine.container.rules;

import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.PortBinding;
import dev.corten.network.address.Subnet;
import dev.corten.network.file.HostsFile;
import dev.corten.network.port.PublishRequest;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a container is connected: network mode, endpoints, published ports, names of hosts.
///
/// Whether a network is there is looked at when the container starts, as Docker does.
final class NetworkRules {
    private final EndpointRules endpointRules;

    /// @param bridgeSubnet the default bridge's, where the daemon's options name it
    NetworkRules(Optional<Subnet> bridgeSubnet) {
        endpointRules = new EndpointRules(bridgeSubnet);
    }

    /// @param config as requested, without the image's settings
    static void apply(
            ContainerConfig config,
            HostConfig request,
            HostConfig.Editor host,
            List<String> warnings) {
        if (request.networkMode().isEmpty() || request.networkMode().equals("default")) {
            host.networkMode = Sandboxes.BRIDGE;
        }
        if (isShared(host.networkMode)) {
            checkShared(config, request, host.networkMode);
        }
        if (host.networkMode.equals(Sandboxes.HOST) && !isEmpty(request.links())) {
            throw LinkText.onHostNetwork();
        }
        ports(request.portBindings());
        if (request.extraHosts() != null) {
            request.extraHosts().forEach(HostsFile::check);
        }
        if (host.networkMode.equals("host")
                && (request.publishAllPorts() || !isEmpty(request.portBindings()))) {
            warnings.add("Published ports are discarded when using host network mode");
        }
    }

    private static boolean isShared(String mode) {
        return mode.equals("container") || mode.startsWith(NamespaceRules.SHARED);
    }

    /// What belongs to the network cannot be asked for by whoever uses another's.
    private static void checkShared(ContainerConfig config, HostConfig request, String mode) {
        if (mode.length() <= NamespaceRules.SHARED.length()) {
            throw new InvalidParameter(
                    "invalid network mode: invalid container format container:<name|id>");
        }
        if (!config.hostname().isEmpty()) {
            throw conflict("hostname and the network mode");
        }
        if (!isEmpty(request.links())) {
            throw LinkText.undefined("container type network");
        }
        if (!isEmpty(request.dns())) {
            throw conflict("dns and the network mode");
        }
        if (!isEmpty(request.extraHosts())) {
            throw conflict("custom host-to-IP mapping and the network mode");
        }
        if (request.publishAllPorts() || !isEmpty(request.portBindings())) {
            throw conflict("port publishing and the container type network mode");
        }
        if (!isEmpty(config.exposedPorts())) {
            throw conflict("port exposing and the container type network mode");
        }
    }

    private static InvalidParameter conflict(String what) {
        return new InvalidParameter("conflicting options: " + what);
    }

    /// The container's connections, none if it has no network at all or another's.
    ///
    /// @param mode the network mode, filled in
    Map<String, EndpointConfig> endpoints(CreateRequest request, String mode) {
        boolean usual =
                request.host().networkMode().isEmpty()
                        || request.host().networkMode().equals("default");
        var endpoints = new LinkedHashMap<String, EndpointConfig>();
        request.endpoints()
                .forEach((name, endpoint) ->
                        endpoints.put(usual && name.equals("default") ? mode : name, endpoint));
        endpoints.forEach(endpointRules::check);
        if (request.config().networkDisabled() || isShared(mode)) {
            return Map.of();
        }
        if (endpoints.isEmpty()) {
            endpoints.put(mode, EndpointConfig.EMPTY);
        }
        String mac = request.config().macAddress();
        if (!mac.isEmpty() && !mode.equals("host") && !mode.equals("none")) {
            endpoints.computeIfPresent(mode, (_, endpoint) -> withMac(mode, endpoint, mac));
        }
        return endpoints;
    }

    private EndpointConfig withMac(String network, EndpointConfig endpoint, String mac) {
        if (!endpoint.macAddress().isEmpty() && !endpoint.macAddress().equals(mac)) {
            throw new InvalidParameter(
                    "the container-wide MAC address must match the endpoint-specific MAC address"
                            + " for the main network, or be left empty");
        }
        EndpointConfig with = endpoint.orMacAddress(mac);
        endpointRules.check(network, with);
        return with;
    }

    /// The configuration shows the address of the main connection, however it was asked for.
    static ContainerConfig withMac(
            ContainerConfig config, String mode, Map<String, EndpointConfig> endpoints) {
        var edit = config.edit();
        edit.macAddress =
                mode.equals("host") || mode.equals("none")
                        ? ""
                        : endpoints.getOrDefault(mode, EndpointConfig.EMPTY).macAddress();
        return edit.done();
    }

    private static void ports(@Nullable Map<String, List<PortBinding>> bindings) {
        if (bindings != null) {
            PublishRequest.parse(bindings);
        }
    }

    private static boolean isEmpty(@Nullable Collection<?> values) {
        return values == null || values.isEmpty();
    }

    private static boolean isEmpty(@Nullable Map<?, ?> values) {
        return values == null || values.isEmpty();
    }
}
