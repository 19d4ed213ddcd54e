package dev.corten.api;

/// What a route does to its object, from the point of view of somebody who grants rights.
enum Effect {
    READ,
    CREATE,
    CHANGE,
    DELETE,
    /// Runs something, or talks to what runs.
    EXECUTE
}
