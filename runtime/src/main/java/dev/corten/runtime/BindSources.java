package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Mount;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The launch with a descriptor for the source of each bind, also those given by path.
final class BindSources implements AutoCloseable {
    private final List<Fd> opened = new ArrayList<>();
    private final Launch complete;

    BindSources(Launch launch) throws IOException {
        Map<PathBytes, Fd> sources = new HashMap<>(launch.sources());
        try {
            for (Mount mount : launch.spec().mounts()) {
                if (mount.isBind() && !sources.containsKey(mount.destination())) {
                    Fd clone = openTree(mount);
                    opened.add(clone);
                    sources.put(mount.destination(), clone);
                }
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        complete =
                new Launch(
                        launch.id(),
                        launch.spec(),
                        launch.root(),
                        sources,
                        launch.namespaces(),
                        launch.stdin(),
                        launch.log(),
                        launch.exitDirectory(),
                        launch.stop(),
                        launch.runtime());
    }

    private static Fd openTree(Mount mount) throws IOException {
        int flags = Mounts.OPEN_TREE_CLONE;
        if (mount.options().contains("rbind")) {
            flags |= Mounts.AT_RECURSIVE;
        }
        try {
            return Mounts.openTree(Fd.CWD, mount.source(), flags);
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                throw new InvalidParameter(
                        "invalid mount config for type \"bind\": bind source path does not"
                                + " exist: "
                                + mount.source(),
                        e);
            }
            throw e;
        }
    }

    Launch complete() {
        return complete;
    }

    @Override
    public void close() {
        opened.forEach(Fd::close);
    }
}
