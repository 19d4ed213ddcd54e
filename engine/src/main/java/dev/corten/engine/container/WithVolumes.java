package dev.corten.engine.container;

/// What becomes of the volumes that nobody has named when their container is removed.
enum WithVolumes {
    KEEP,
    REMOVE
}
