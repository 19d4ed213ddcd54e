package dev.corten.engine.container.mount;

import dev.corten.engine.image.Images;
import dev.corten.engine.volume.Volumes;
import dev.corten.kernel.BlockingCalls;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.MountInfo;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.PathBytes;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.oci.Mount;
import dev.corten.runtime.StartFailure;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Opens what a starting container gets mounted: each source once, to a descriptor, so that nothing
/// can be put in its place between here and the mount.
public final class MountOpening {
    /// How long a path of the host may take: it may lie on a server that is dead.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Volumes volumes;
    private final Snapshots snapshots;
    private final Images images;
    private final BlockingCalls calls;
    private final String dataRoot;

    public MountOpening(
            Volumes volumes,
            Snapshots snapshots,
            Images images,
            BlockingCalls calls,
            Path dataRoot) {
        this.volumes = volumes;
        this.snapshots = snapshots;
        this.images = images;
        this.calls = calls;
        this.dataRoot = dataRoot.toString();
    }

    /// The caller closes the result when the container has been launched.
    ///
    /// @throws CortenException in Docker's words if a source cannot be had
    public MountSources open(ContainerId id, List<MountPoint> mounts, HostConfig host)
            throws IOException {
        var sources = new MountSources();
        try {
            List<MountPoint> sorted = new ArrayList<>(mounts);
            sorted.sort(Comparator.comparingInt(MountOpening::depth));
            for (MountPoint mount : sorted) {
                if (!hidden(host, mount)) {
                    open(id, mount, sources);
                }
            }
        } catch (IOException | RuntimeException e) {
            sources.close();
            for (String name : sources.volumes()) {
                volumes.close(name, id);
                volumes.publishUnmount(name, id);
            }
            throw e;
        }
        return sources;
    }

    private static int depth(MountPoint mount) {
        return PathBytes.of(mount.destination()).components().size();
    }

    /// `--tmpfs` wins.
    private static boolean hidden(HostConfig host, MountPoint mount) {
        return host.tmpfs() != null
                && host.tmpfs().keySet().stream()
                        .anyMatch(path -> MountChecks.clean(path).equals(mount.destination()));
    }

    private void open(ContainerId id, MountPoint mount, MountSources sources) throws IOException {
        switch (mount) {
            case MountPoint.Bind bind -> bind(bind, sources);
            case MountPoint.Volume volume -> volume(id, volume, sources);
            case MountPoint.Tmpfs tmpfs -> {
                TmpfsOptions.check(tmpfs.options());
                sources.addTmpfs(tmpfs.destination(), tmpfs.options());
            }
            case MountPoint.Image image ->
                    sources.add(
                            spec(image.destination(), image.reference(), List.of("bind", "ro")),
                            image(image));
        }
    }

    private static Mount spec(String destination, String source, List<String> options) {
        return new Mount(
                PathBytes.of(destination), "bind", PathBytes.of(source), List.copyOf(options));
    }

    // ---- volumes -------------------------------------------------------------------------------

    private void volume(ContainerId id, MountPoint.Volume volume, MountSources sources)
            throws IOException {
        Fd tree = volumes.open(volume.name(), volume.subpath(), id);
        var options = new ArrayList<>(List.of("rbind", "rprivate"));
        if (!volume.writable()) {
            options.add("rro");
        }
        sources.add(spec(volume.destination(), volumes.mountpoint(volume.name()), options), tree);
        sources.addVolume(volume.name());
        volumes.publishMount(volume.name(), id, volume.destination(), volume.writable());
    }

    // ---- paths of the host ---------------------------------------------------------------------

    private record Opened(Fd tree, String propagation) {}

    private void bind(MountPoint.Bind bind, MountSources sources) throws IOException {
        Opened opened;
        try {
            opened = calls.call("mount source " + bind.source(), PATIENCE, () -> source(bind));
        } catch (BlockingCalls.TimedOut e) {
            throw new Internal(String.valueOf(e.getMessage()), e);
        }
        var options = new ArrayList<String>();
        options.add(bind.recursive() ? "rbind" : "bind");
        options.add(opened.propagation());
        if (!bind.writable()) {
            options.add(bind.readOnly() == MountPoint.ReadOnly.TOP ? "ro" : "rro");
        }
        sources.add(spec(bind.destination(), bind.source(), options), opened.tree());
    }

    private Opened source(MountPoint.Bind bind) throws IOException {
        if (bind.missing() == MountPoint.Missing.MAKE_DIRECTORY) {
            makeDirectory(bind.source());
        }
        try {
            String propagation = propagation(bind);
            int flags = Mounts.OPEN_TREE_CLONE | (bind.recursive() ? Mounts.AT_RECURSIVE : 0);
            return new Opened(
                    Mounts.openTree(Fd.CWD, PathBytes.of(bind.source()), flags), propagation);
        } catch (Errno e) {
            throw refused(bind, e);
        }
    }

    private static CortenException refused(MountPoint.Bind bind, Errno e) {
        if (e.is(Errno.ENOENT)) {
            return new InvalidParameter(
                    "invalid mount config for type \"bind\": bind source path does not exist: "
                            + bind.source(),
                    e);
        }
        String message =
                "failed to fulfil mount request: open "
                        + bind.source()
                        + ": "
                        + Errno.describe(e.number());
        return e.is(Errno.ENOTDIR)
                ? new InvalidParameter(
                        StartFailure.DOCKER_PREFIX
                                + message
                                + ": Are you trying to mount a directory onto a file (or"
                                + " vice-versa)? Check if the specified host path exists and is"
                                + " the expected type",
                        e)
                : new Internal(message, e);
    }

    private static void makeDirectory(String source) throws IOException {
        Path path = Path.of(source);
        try {
            // Unlike stat, this tells a missing file from one that is no directory.
            FileCalls.open(source, FileCalls.O_PATH | FileCalls.O_CLOEXEC).close();
        } catch (Errno e) {
            if (!e.is(Errno.ENOENT)) {
                return; // opening it says why
            }
            try {
                Files.createDirectories(
                        path,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwxr-xr-x")));
            } catch (FileAlreadyExistsException exists) {
                throw new Internal(
                        "error while creating mount source path '"
                                + source
                                + "': mkdir "
                                + exists.getFile()
                                + ": file exists",
                        exists);
            } catch (IOException failure) {
                throw new Internal(
                        "error while creating mount source path '"
                                + source
                                + "': "
                                + failure.getMessage(),
                        failure);
            }
        }
    }

    /// What the kernel is told: what was asked for, if the source's own mount allows it.
    private String propagation(MountPoint.Bind bind) throws IOException {
        String asked = bind.propagation();
        boolean shared = asked.endsWith("shared");
        if (!shared && !asked.endsWith("slave")) {
            return asked;
        }
        // Fails as the mount would.
        FileCalls.open(bind.source(), FileCalls.O_PATH | FileCalls.O_CLOEXEC).close();
        PathBytes real = PathBytes.of(Path.of(bind.source()).toRealPath().toString());
        MountInfo on = MountInfo.containing(MountInfo.self(), real);
        if (on.isShared() || (!shared && on.isSlave())) {
            return asked;
        }
        boolean ofDataRoot =
                bind.source().startsWith(dataRoot) || dataRoot.startsWith(bind.source());
        if (!shared && ofDataRoot) {
            return "rprivate"; // nobody asked for it
        }
        throw new Internal(
                "path "
                        + bind.source()
                        + " is mounted on "
                        + on.mountPoint()
                        + " but it is not a shared"
                        + (shared ? "" : " or slave")
                        + " mount");
    }

    // ---- images --------------------------------------------------------------------------------

    private Fd image(MountPoint.Image image) throws IOException {
        Optional<Digest> chain =
                images.find(Digest.parse(image.id()))
                        .orElseThrow(() -> new NotFound("No such image: " + image.reference()))
                        .chainId();
        Fd root = snapshots.mountReadOnly(chain.orElseThrow(() -> noFiles(image)));
        if (image.subpath().isEmpty()) {
            return root;
        }
        try (root) {
            // Nothing can be cloned of a mount that is nowhere, and ours must not be on the host.
            return Namespaces.inNewMountNamespace(() -> part(root, image.subpath()));
        } catch (Errno e) {
            String what = "cannot access " + image.subpath() + " in image " + image.reference();
            throw e.is(Errno.ENOENT)
                    ? new NotFound(what + ": " + Errno.describe(e.number()), e)
                    : new InvalidParameter(what + ": " + Errno.describe(e.number()), e);
        }
    }

    private Fd part(Fd root, String subpath) throws Errno {
        Mounts.attach(root, Fd.CWD, dataRoot);
        try (Fd inside =
                FileCalls.open2(
                        root,
                        subpath,
                        FileCalls.O_PATH | FileCalls.O_CLOEXEC,
                        0,
                        FileCalls.RESOLVE_BENEATH | FileCalls.RESOLVE_NO_MAGICLINKS)) {
            return Mounts.cloneTree(inside, false);
        }
    }

    private static InvalidParameter noFiles(MountPoint.Image image) {
        return new InvalidParameter("image " + image.reference() + " has no files to mount");
    }
}
