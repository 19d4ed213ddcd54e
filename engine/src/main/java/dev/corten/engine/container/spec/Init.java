package dev.corten.engine.container.spec;

import dev.corten.engine.container.mount.MountSources;
import dev.corten.kernel.Fd;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.oci.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The first process of containers with `--init`: a program of the host's that is mounted where
/// Docker has its own.
public final class Init {
    public static final String PATH = "/sbin/docker-init";

    private Init() {}

    /// @param program on the host
    public static void mount(Path program, MountSources sources) throws IOException {
        if (!sources.has(PATH)) {
            sources.add(
                    new Mount(PATH, "bind", program.toString(), List.of("bind", "rprivate", "ro")),
                    Mounts.openTree(Fd.CWD, program.toString(), Mounts.OPEN_TREE_CLONE));
        }
    }
}
