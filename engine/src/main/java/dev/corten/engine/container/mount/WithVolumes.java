package dev.corten.engine.container.mount;

/// What becomes of the volumes that nobody has named when their container is removed.
public enum WithVolumes {
    KEEP,
    REMOVE
}
