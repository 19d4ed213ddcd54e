package dev.corten.store;

import java.util.Arrays;
import java.util.Optional;

/// How layers and containers' file systems are kept. Each has its own part of the data root: what was
/// loaded with one is not seen with another.
public enum StorageDriver {
    /// Layers lie over each other by overlayfs: no file is there twice.
    OVERLAY("overlay2", "overlay2", "content"),

    /// Each layer, and each container, has whole copies: slow and large, but on any file system.
    COPY("vfs", "vfs/dir", "vfs/content");

    private final String name;
    private final String directory;
    private final String content;

    StorageDriver(String name, String directory, String content) {
        this.name = name;
        this.directory = directory;
        this.content = content;
    }

    /// @param name as `--storage-driver` has it: Docker's name, or ours
    public static Optional<StorageDriver> find(String name) {
        return name.equals("copy")
                ? Optional.of(COPY)
                : Arrays.stream(values()).filter(driver -> driver.name.equals(name)).findFirst();
    }

    /// Below the data root, where layers and containers' file systems are.
    String directory() {
        return directory;
    }

    /// Below the data root, where blobs are.
    String content() {
        return content;
    }

    /// Docker's name.
    @Override
    public String toString() {
        return name;
    }
}
