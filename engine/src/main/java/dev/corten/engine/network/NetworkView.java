package dev.corten.engine.network;

import dev.corten.model.ContainerId;
import dev.corten.model.container.EndpointState;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/// A network at one moment.
///
/// @param driver `bridge`, `host`, `null`
/// @param subnet `172.17.0.0/16`; empty for those without addresses
/// @param range the part of the subnet that containers get, if it is not all
/// @param containers those that run on it
public record NetworkView(
        String id,
        String name,
        Instant created,
        String driver,
        Optional<String> subnet,
        Optional<String> range,
        Optional<String> gateway,
        SortedMap<String, String> options,
        Map<ContainerId, Member> containers) {
    /// @param name of the container
    public record Member(String name, EndpointState endpoint) {}
}
