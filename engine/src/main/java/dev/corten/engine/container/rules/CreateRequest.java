package dev.corten.engine.container.rules;

import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import java.util.Map;
import java.util.Optional;

/// What a client asks for.
///
/// @param name with or without a leading slash; empty for one that the engine makes up
/// @param platform `os/arch[/variant]`
/// @param endpoints by name of the network (`NetworkingConfig.EndpointsConfig`)
/// @param readOnlyDepth of read-only binds that do not say it themselves
public record CreateRequest(
        Optional<String> name,
        Optional<String> platform,
        ContainerConfig config,
        HostConfig host,
        Map<String, EndpointConfig> endpoints,
        MountPoint.ReadOnly readOnlyDepth) {
    public CreateRequest {
        endpoints = Map.copyOf(endpoints);
    }
}
