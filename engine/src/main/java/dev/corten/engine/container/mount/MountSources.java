package dev.corten.engine.container.mount;

import dev.corten.kernel.Fd;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Mount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The mounts of one start in the words of the specification, and the open source of each that is
/// not made anew. For one thread.
public final class MountSources implements AutoCloseable {
    private final Map<PathBytes, Fd> sources = new LinkedHashMap<>();
    private final Map<PathBytes, String> tmpfs = new LinkedHashMap<>();
    private final List<Mount> mounts = new ArrayList<>();
    private final List<String> volumes = new ArrayList<>();

    /// @param source becomes this object's
    public void add(Mount mount, Fd source) {
        mounts.add(mount);
        Fd before = sources.put(mount.destination(), source);
        if (before != null) {
            before.close();
        }
    }

    void addTmpfs(String destination, String options) {
        tmpfs.put(PathBytes.of(destination), options);
    }

    /// A volume that is to be closed when the container has ended.
    void addVolume(String name) {
        volumes.add(name);
    }

    public boolean has(String destination) {
        return sources.containsKey(PathBytes.of(destination));
    }

    public List<Mount> mounts() {
        return mounts;
    }

    public Map<PathBytes, String> tmpfs() {
        return tmpfs;
    }

    public Map<PathBytes, Fd> sources() {
        return sources;
    }

    List<String> volumes() {
        return volumes;
    }

    @Override
    public void close() {
        sources.values().forEach(Fd::close);
        sources.clear();
    }
}
