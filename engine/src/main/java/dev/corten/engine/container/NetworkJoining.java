package dev.corten.engine.container;

import dev.corten.engine.container.rules.NamespaceRules;
import dev.corten.engine.sandbox.Sandbox;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.model.Conflict;
import dev.corten.model.CortenException;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The network of a start: the container's own, or that of the container that its mode names.
final class NetworkJoining {
    private NetworkJoining() {}

    /// @param owner of the network that the container's mode names, if that is another container
    static Sandbox open(Sandboxes sandboxes, Container container, Optional<Container> owner)
            throws IOException {
        String mode = container.host.networkMode();
        if (!mode.startsWith(NamespaceRules.SHARED)) {
            return sandboxes.open(
                    new Sandboxes.Request(
                            container.id,
                            container.name(),
                            container.host,
                            container.endpoints,
                            exposed(container)));
        }
        return join(sandboxes, mode.substring(NamespaceRules.SHARED.length()), owner);
    }

    /// For somebody who is no container.
    ///
    /// @param owner whose network it is, if it is there
    static LentNetwork lend(Sandboxes sandboxes, String reference, Optional<Container> owner)
            throws IOException {
        Sandbox joined = join(sandboxes, reference, owner);
        Container other = owner.orElseThrow();
        return new LentNetwork(
                joined.netns(),
                joined.address(),
                other.config.hostname(),
                () -> sandboxes.release(joined, other.id));
    }

    private static Sandbox join(Sandboxes sandboxes, String reference, Optional<Container> owner)
            throws IOException {
        Container other =
                owner.orElseThrow(() ->
                        new NotFound(
                                "joining network namespace of container: No such"
                                        + " container: "
                                        + reference));
        Sandbox shared =
                other.sandbox()
                        .orElseThrow(() ->
                                new Conflict(
                                        "cannot join network namespace of a non running"
                                                + " container: container "
                                                + other.name()
                                                + " is "
                                                + other.status().word()));
        return sandboxes.join(shared, other.id);
    }

    static List<String> exposed(Container container) {
        var exposed = new ArrayList<String>();
        if (container.config.exposedPorts() != null) {
            exposed.addAll(container.config.exposedPorts());
        }
        return exposed;
    }

    /// Why it failed, as clients are told.
    static CortenException described(Container container, CortenException failure) {
        if (container.host.networkMode().startsWith(NamespaceRules.SHARED)) {
            return failure;
        }
        String message = "failed to set up container networking: " + failure.message();
        return switch (failure) {
            case NotFound e -> new NotFound(message, e);
            case InvalidParameter e -> new InvalidParameter(message, e);
            default -> new Internal(message, failure);
        };
    }
}
