package dev.corten.engine.container.mount;

import dev.corten.engine.image.Images;
import dev.corten.engine.volume.VolumeRequest;
import dev.corten.engine.volume.Volumes;
import dev.corten.kernel.BlockingCalls;
import dev.corten.kernel.Errno;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.MountPoint;
import dev.corten.model.container.MountRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Finds out what a new container's mounts are: its own, other containers' (`--volumes-from`), and
/// the places that the image or the request declares to be volumes. Changes nothing.
public final class MountPlanning {
    private static final String DEFAULT_PROPAGATION = "rprivate";
    private static final Duration LOOK_PATIENCE = Duration.ofSeconds(10);

    private final Function<String, List<MountPoint>> others;
    private final Images images;
    private final Volumes volumes;
    private final BlockingCalls calls;
    private final String dataRoot;

    /// @param others the mounts of a container by its name or ID
    /// @param calls for looking at paths of the host, which may lie on a dead server
    public MountPlanning(
            Function<String, List<MountPoint>> others,
            Images images,
            Volumes volumes,
            BlockingCalls calls,
            Path dataRoot) {
        this.others = others;
        this.images = images;
        this.volumes = volumes;
        this.calls = calls;
        this.dataRoot = dataRoot.toString();
    }

    /// In the order of the request, by destination.
    ///
    /// @param depth what a read-only bind means where the request does not say
    /// @throws dev.corten.model.CortenException in Docker's words
    public List<PlannedMount> plan(
            ContainerConfig config, HostConfig host, MountPoint.ReadOnly depth) throws IOException {
        var planned = new LinkedHashMap<String, PlannedMount>();
        for (String from : orEmpty(host.volumesFrom())) {
            others(from, planned);
        }
        Set<String> taken = new HashSet<>();
        if (host.tmpfs() != null) {
            host.tmpfs().keySet().forEach(path -> taken.add(MountChecks.clean(path)));
        }
        for (String text : orEmpty(host.binds())) {
            BindText bind = BindText.parse(text, host.volumeDriver());
            add(
                    bind.request(),
                    bind.mode(),
                    MountPoint.Missing.MAKE_DIRECTORY,
                    depth,
                    taken,
                    planned);
        }
        if (host.tmpfs() != null) {
            // One beside an element of Mounts is not refused; it wins at the start.
            host.tmpfs().keySet().forEach(path -> taken.remove(MountChecks.clean(path)));
        }
        for (MountRequest mount : orEmpty(host.mounts())) {
            MountChecks.check(mount);
            MountRequest.BindOptions options = mount.bind();
            boolean make = options != null && options.createMountpoint();
            if (mount.type().equals("bind") && !make) {
                requireSource(mount);
            }
            add(
                    mount,
                    "",
                    make ? MountPoint.Missing.MAKE_DIRECTORY : MountPoint.Missing.FAIL,
                    depth,
                    taken,
                    planned);
        }
        for (String path : config.volumes() == null ? Set.<String>of() : config.volumes()) {
            declared(path, host.volumeDriver(), planned);
        }
        return List.copyOf(planned.values());
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    // ---- other containers' ---------------------------------------------------------------------

    private void others(String from, Map<String, PlannedMount> planned) {
        if (from.isEmpty()) {
            throw new InvalidParameter("volumes-from specification cannot be an empty string");
        }
        int colon = from.indexOf(':');
        String reference = colon < 0 ? from : from.substring(0, colon);
        String mode = colon < 0 ? "" : from.substring(colon + 1);
        var modes = MountModes.of(mode);
        if (!MountModes.isValid(mode) || !modes.propagation().isEmpty() || modes.noCopy()) {
            throw new InvalidParameter("invalid mode: " + mode);
        }
        if (reference.isEmpty()) {
            throw new InvalidParameter("invalid name or ID supplied: \"\"");
        }
        List<MountPoint> mounts;
        try {
            mounts = others.apply(reference);
        } catch (NotFound e) {
            throw new InvalidParameter(e.message(), e);
        }
        for (MountPoint mount : mounts) {
            switch (mount) {
                case MountPoint.Bind b ->
                        planned.put(
                                b.destination(),
                                PlannedMount.of(
                                        new MountPoint.Bind(
                                                b.destination(),
                                                b.source(),
                                                "",
                                                b.writable() && modes.writable(),
                                                b.propagation(),
                                                b.recursive(),
                                                b.readOnly(),
                                                b.missing())));
                case MountPoint.Volume v ->
                        planned.put(
                                v.destination(),
                                PlannedMount.of(
                                        new MountPoint.Volume(
                                                v.destination(),
                                                v.name(),
                                                "",
                                                v.writable() && modes.writable(),
                                                v.subpath(),
                                                v.origin())));
                // What is in memory is the other container's own; an image is no volume.
                case MountPoint.Tmpfs _, MountPoint.Image _ -> {}
            }
        }
    }

    // ---- its own -------------------------------------------------------------------------------

    private void add(
            MountRequest mount,
            String mode,
            MountPoint.Missing missing,
            MountPoint.ReadOnly depth,
            Set<String> taken,
            Map<String, PlannedMount> planned)
            throws IOException {
        String destination = MountChecks.clean(mount.target());
        PlannedMount point =
                switch (mount.type()) {
                    case "bind" -> PlannedMount.of(bind(mount, destination, mode, missing, depth));
                    case "volume" -> volume(mount, destination, mode);
                    case "image" -> PlannedMount.of(image(mount, destination));
                    default -> PlannedMount.of(tmpfs(mount, destination));
                };
        if (!taken.add(destination)) {
            throw new InvalidParameter("Duplicate mount point: " + mount.target());
        }
        planned.put(destination, point);
    }

    private MountPoint bind(
            MountRequest mount,
            String destination,
            String mode,
            MountPoint.Missing missing,
            MountPoint.ReadOnly depth) {
        String source = MountChecks.clean(mount.source());
        MountRequest.BindOptions options = mount.bind();
        String given = options == null ? "" : options.propagation();
        String propagation = given.isEmpty() ? DEFAULT_PROPAGATION : given;
        if (source.startsWith(dataRoot) || dataRoot.startsWith(source)) {
            propagation = ofDataRoot(mount.source(), given);
        }
        MountPoint.ReadOnly readOnly = depth;
        if (options != null && options.readOnlyNonRecursive()) {
            readOnly = MountPoint.ReadOnly.TOP;
        } else if (options != null && options.readOnlyForceRecursive()) {
            readOnly = MountPoint.ReadOnly.ALL_SURELY;
        }
        return new MountPoint.Bind(
                destination,
                source,
                mode,
                !mount.readOnly(),
                propagation,
                options == null || !options.nonRecursive(),
                readOnly,
                missing);
    }

    /// A container that sees the engine's own files must not keep from being unmounted what the
    /// engine unmounts.
    private String ofDataRoot(String source, String given) {
        return switch (given) {
            case "" -> "rslave";
            case "rslave", "rshared" -> given;
            default ->
                    throw new InvalidParameter(
                            "invalid mount config: must use either propagation mode \"rslave\" or"
                                    + " \"rshared\" when mount source is within the daemon root,"
                                    + " daemon root: \""
                                    + dataRoot
                                    + "\", bind mount source: \""
                                    + source
                                    + "\", propagation: \""
                                    + given
                                    + "\"");
        };
    }

    private PlannedMount volume(MountRequest mount, String destination, String mode) {
        MountRequest.VolumeOptions options = mount.volume();
        MountRequest.Driver driver = options == null ? null : options.driver();
        var request =
                new VolumeRequest(
                        mount.source(),
                        driver == null ? "" : driver.name(),
                        options == null ? null : options.labels(),
                        driver == null ? null : driver.options());
        return volume(
                request,
                destination,
                mode.isEmpty() ? "z" : mode,
                !mount.readOnly(),
                options == null ? "" : options.subpath(),
                mount.source().isEmpty() ? MountPoint.Origin.UNNAMED : MountPoint.Origin.NAMED,
                options == null || !options.noCopy());
    }

    private PlannedMount volume(
            VolumeRequest request,
            String destination,
            String mode,
            boolean writable,
            String subpath,
            MountPoint.Origin origin,
            boolean copy) {
        volumes.check(request);
        VolumeRequest named = volumes.named(request);
        return new PlannedMount(
                new MountPoint.Volume(destination, named.name(), mode, writable, subpath, origin),
                Optional.of(named),
                copy && subpath.isEmpty());
    }

    private MountPoint image(MountRequest mount, String destination) {
        return new MountPoint.Image(
                destination,
                mount.source(),
                images.inspect(mount.source()).id().toString(),
                "",
                mount.image() == null ? "" : mount.image().subpath());
    }

    private static MountPoint tmpfs(MountRequest mount, String destination) {
        return new MountPoint.Tmpfs(destination, "", !mount.readOnly(), TmpfsOptions.of(mount));
    }

    private void declared(String path, String driver, Map<String, PlannedMount> planned) {
        // A path that is not absolute is taken for one, as the runtime does.
        String destination = MountChecks.clean("/" + path);
        if (destination.equals("/")) {
            throw new InvalidParameter("invalid specification: destination can't be '/'");
        }
        if (!planned.containsKey(destination)) {
            planned.put(
                    destination,
                    volume(
                            new VolumeRequest("", driver, null, null),
                            destination,
                            "",
                            true,
                            "",
                            MountPoint.Origin.DECLARED,
                            true));
        }
    }

    private void requireSource(MountRequest mount) throws IOException {
        String source = mount.source();
        try {
            calls.call(
                    "looking at " + source,
                    LOOK_PATIENCE,
                    () -> {
                        // Unlike stat, this tells a missing file from one that is no directory.
                        FileCalls.open(source, FileCalls.O_PATH | FileCalls.O_CLOEXEC).close();
                        return source;
                    });
        } catch (Errno e) {
            throw MountChecks.wrong(
                    mount,
                    e.is(Errno.ENOENT)
                            ? "bind source path does not exist: " + source
                            : "stat " + source + ": " + Errno.describe(e.number()));
        } catch (BlockingCalls.TimedOut e) {
            throw new Internal(e.getMessage() == null ? "" : e.getMessage(), e);
        }
    }
}
