package dev.corten.engine.container;

import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.HostConfig;
import java.util.Map;
import java.util.Optional;

/// What a client asks for.
///
/// @param name with or without a leading slash; empty for one that the engine makes up
/// @param platform `os/arch[/variant]`
/// @param endpoints by name of the network (`NetworkingConfig.EndpointsConfig`)
public record CreateRequest(
        Optional<String> name,
        Optional<String> platform,
        ContainerConfig config,
        HostConfig host,
        Map<String, EndpointConfig> endpoints) {
    public CreateRequest {
        endpoints = Map.copyOf(endpoints);
    }
}
