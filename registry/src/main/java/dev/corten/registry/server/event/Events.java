package dev.corten.registry.server.event;

/// Where things that have happened are told. Returns at once; never fails.
@FunctionalInterface
public interface Events {
    /// For registries that tell nobody.
    Events NONE = (_, _, _) -> {};

    /// @param action `push`, `pull`, `mount` or `delete`
    void send(String action, EventTarget target, EventRequest request);
}
