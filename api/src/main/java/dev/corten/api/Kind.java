package dev.corten.api;

/// The kind of object that a route touches.
enum Kind {
    SYSTEM,
    CONTAINER,
    EXEC,
    IMAGE,
    NETWORK,
    VOLUME,
    PLUGIN,
    SWARM,
    BUILD
}
