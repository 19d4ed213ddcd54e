package dev.corten.engine.volume;

import dev.corten.engine.event.Events;
import dev.corten.kernel.BlockingCalls;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.NotFound;
import dev.corten.store.Durable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// The volumes of this engine: who makes them, which containers they belong to, and where their
/// files are.
///
/// A container *takes* a volume when it is made and *releases* it when it is removed; meanwhile
/// nobody can remove the volume. It *opens* the volume at each start and *closes* it at each exit.
public final class Volumes {
    private static final Logger LOG = System.getLogger(Volumes.class.getName());

    /// A server that does not answer for so long has lost its client.
    private static final Duration MOUNT_PATIENCE = Duration.ofMinutes(2);

    /// Copying is slow on slow disks; this only keeps a dead one from being waited for for ever.
    private static final Duration COPY_PATIENCE = Duration.ofHours(2);

    private static final int NAME_BYTES = 32;

    private final VolumeDirectory directory;
    private final Events events;
    private final Clock clock;
    private final RandomGenerator random;
    private final BlockingCalls calls;
    private final VolumeTable table = new VolumeTable();

    /// Held by whoever prunes.
    private final ReentrantLock pruning = new ReentrantLock();

    /// @param random for names of anonymous volumes
    /// @param calls where the kernel may let us wait
    public Volumes(
            VolumeDirectory directory,
            Events events,
            Clock clock,
            RandomGenerator random,
            BlockingCalls calls) {
        this.directory = directory;
        this.events = events;
        this.clock = clock;
        this.random = random;
        this.calls = calls;
    }

    /// Reads what is there. Called once.
    public void open() throws IOException {
        directory.open().forEach(table::add);
    }

    // ---- what clients ask for ------------------------------------------------------------------

    /// Makes a volume; one of that name that is there already is the answer as it is.
    public Volume create(VolumeRequest request) throws IOException {
        check(request);
        return make(request, Optional.empty(), Durable.Sync.NOW);
    }

    /// @throws NotFound if it is not there
    public Volume inspect(String name) {
        return table.find(name).orElseThrow(() -> new NotFound("get " + name + ": no such volume"));
    }

    /// A volume and how many containers have it.
    public record Use(Volume volume, int users) {}

    /// All of them by name.
    public List<Use> list() {
        return table.list().stream()
                .map(used -> new Use(used.volume(), used.users().size()))
                .toList();
    }

    /// Bytes of its files.
    public long size(Volume volume) throws IOException {
        return calls.call(
                "size of volume " + volume.name(),
                COPY_PATIENCE,
                () -> TreeSize.of(volume.mountpoint().toString()));
    }

    /// @throws NotFound if it is not there
    /// @throws Conflict if a container has it
    public void remove(String name) throws IOException {
        Volume removed =
                table.alone(
                        name,
                        volume -> {
                            List<ContainerId> users = table.users(name);
                            if (!users.isEmpty()) {
                                throw inUse(name, users);
                            }
                            if (volume.hasOptions()) {
                                unmount(volume);
                            }
                            directory.remove(name);
                            table.remove(name);
                            return volume;
                        });
        publish(removed, "destroy");
    }

    private static Conflict inUse(String name, List<ContainerId> users) {
        return new Conflict(
                "remove "
                        + name
                        + ": volume is in use - ["
                        + users.stream().map(ContainerId::hex).collect(Collectors.joining(", "))
                        + "]");
    }

    /// What a prune has done.
    ///
    /// @param bytes that they had
    public record Pruned(List<String> removed, long bytes) {
        public Pruned {
            removed = List.copyOf(removed);
        }
    }

    /// Removes volumes that no container has. Those with options of the driver stay: what is in
    /// them is somewhere else.
    ///
    /// @param chosen which of them
    /// @throws Conflict if another prune is under way
    public Pruned prune(Predicate<Volume> chosen) {
        if (!pruning.tryLock()) {
            throw new Conflict("a prune operation is already running");
        }
        try {
            var removed = new ArrayList<String>();
            long bytes = 0;
            for (Use use : list()) {
                Volume volume = use.volume();
                if (use.users() == 0 && !volume.hasOptions() && chosen.test(volume)) {
                    try {
                        long size = size(volume);
                        remove(volume.name());
                        removed.add(volume.name());
                        bytes += size;
                    } catch (Conflict | NotFound e) {
                        LOG.log(Level.DEBUG, () -> volume.name() + " was taken or removed", e);
                    } catch (IOException e) {
                        LOG.log(Level.WARNING, () -> volume.name() + " cannot be removed", e);
                    }
                }
            }
            events.publish("volume", "prune", "", Map.of("reclaimed", Long.toString(bytes)));
            return new Pruned(removed, bytes);
        } finally {
            pruning.unlock();
        }
    }

    // ---- what containers ask for ---------------------------------------------------------------

    /// With a name, if it has none: one that no volume has, and the label that says so.
    public VolumeRequest named(VolumeRequest request) {
        return request.name().isEmpty() ? request.anonymous(newName()) : request;
    }

    private String newName() {
        byte[] bytes = new byte[NAME_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /// Checks what [#take] would refuse, without any effect. Of a volume that is there already only
    /// the driver is looked at.
    public void check(VolumeRequest request) {
        if (table.find(request.name()).isPresent()) {
            VolumeRules.driver(request.name(), request.driver());
        } else {
            VolumeRules.check(request);
        }
    }

    /// The volume for a container, made if it is not there. Nobody can remove it until the
    /// [#release].
    ///
    /// @param sync whether a new one must survive a crash of the machine
    public Volume take(VolumeRequest request, ContainerId by, Durable.Sync sync)
            throws IOException {
        check(request);
        return make(request, Optional.of(by), sync);
    }

    private Volume make(VolumeRequest request, Optional<ContainerId> by, Durable.Sync sync)
            throws IOException {
        VolumeRequest named = named(request);
        return table.findOrMake(
                named.name(),
                by,
                () ->
                        directory.create(
                                named, clock.instant(), by.filter(_ -> named.isAnonymous()), sync),
                volume -> publish(volume, "create"));
    }

    /// A volume that another container has, for one more.
    ///
    /// @throws NotFound if it went with the other
    public Volume share(String name, ContainerId by) throws IOException {
        return table.findOrMake(
                name,
                Optional.of(by),
                () -> {
                    throw new NotFound("get " + name + ": no such volume");
                },
                _ -> {});
    }

    /// Where its files are, or would be.
    public String mountpoint(String name) {
        return directory.of(name).resolve(VolumeDirectory.DATA).toString();
    }

    /// A container that an earlier daemon made has this volume. If it is not there any more, the
    /// container cannot start, and says so then.
    public void adopt(String name, ContainerId by) {
        table.addUser(name, by);
    }

    /// The container needs it no more.
    public void release(String name, ContainerId by) {
        table.removeUser(name, by);
    }

    /// Removes a volume that goes with its container, unless another container has it too.
    public void removeUnused(String name) throws IOException {
        try {
            remove(name);
        } catch (NotFound | Conflict e) {
            LOG.log(Level.DEBUG, () -> "volume " + name + " stays, or was gone already", e);
        }
    }

    /// Removes the volumes that were made for containers which never came to be.
    public void removeMadeFor(Set<ContainerId> containers) throws IOException {
        for (Use use : list()) {
            if (use.volume().madeFor().filter(containers::contains).isPresent()) {
                removeUnused(use.volume().name());
            }
        }
    }

    /// Copies what the image has at the volume's place, if the volume is empty.
    ///
    /// @param from a directory, open for reading
    public void fill(String name, Fd from, ContainerId by, Durable.Sync sync) throws IOException {
        table.alone(
                name,
                volume -> {
                    if (!volume.hasOptions()) {
                        calls.call(
                                "filling volume " + name,
                                COPY_PATIENCE,
                                () -> {
                                    new CopyUp(directory.durable())
                                            .fill(from, directory.of(name), sync);
                                    return volume;
                                });
                        return volume;
                    }
                    mount(volume, by);
                    try {
                        return calls.call(
                                "filling volume " + name,
                                COPY_PATIENCE,
                                () -> {
                                    try (Fd data =
                                            FileCalls.openDirectory(
                                                    volume.mountpoint().toString())) {
                                        CopyUp.fillMounted(from, data);
                                    }
                                    return volume;
                                });
                    } finally {
                        leave(volume, by);
                    }
                });
    }

    /// A detached mount of the volume or of something in it, for a container that starts; with
    /// [#close] when it has ended. The caller closes the descriptor.
    ///
    /// @param subpath `""` for all of it
    /// @throws NotFound and [dev.corten.model.InvalidParameter] if the subpath is not there, or
    ///     leads out; then there is nothing to close
    public Fd open(String name, String subpath, ContainerId by) throws IOException {
        return table.alone(
                name,
                volume -> {
                    boolean mine = volume.hasOptions() && mount(volume, by);
                    try {
                        return calls.call(
                                "opening volume " + name,
                                MOUNT_PATIENCE,
                                () -> VolumeTree.open(volume, subpath));
                    } catch (IOException | RuntimeException e) {
                        if (mine) {
                            leave(volume, by);
                        }
                        throw e;
                    }
                });
    }

    /// The container has ended, or did not start.
    public void close(String name, ContainerId by) {
        try {
            table.alone(
                    name,
                    volume -> {
                        leave(volume, by);
                        return volume;
                    });
        } catch (NotFound e) {
            LOG.log(Level.DEBUG, () -> "volume " + name + " is gone", e);
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "volume " + name + " stays mounted", e);
        }
    }

    /// A container that runs since an earlier daemon has it mounted.
    public void resume(String name, ContainerId by) {
        table.addHolder(name, by);
    }

    /// Unmounts what an earlier daemon has left mounted for containers that do not run. After all
    /// containers were resumed.
    public void settle() {
        for (Use use : list()) {
            String name = use.volume().name();
            if (use.volume().hasOptions() && !table.isHeld(name)) {
                try {
                    unmount(use.volume());
                } catch (IOException e) {
                    LOG.log(Level.WARNING, () -> "volume " + name + " stays mounted", e);
                }
            }
        }
    }

    // ---- volumes with options ------------------------------------------------------------------

    /// @return whether this container did not hold it before
    private boolean mount(Volume volume, ContainerId by) throws IOException {
        if (!table.isHeld(volume.name())) {
            Map<String, String> options = volume.options();
            var mount = DeviceMount.of(options == null ? Map.of() : options);
            calls.call(
                    "mount of volume " + volume.name(),
                    MOUNT_PATIENCE,
                    () -> {
                        mount.mount(volume.mountpoint());
                        return volume;
                    });
        }
        return table.addHolder(volume.name(), by);
    }

    private void leave(Volume volume, ContainerId by) throws IOException {
        if (table.removeHolder(volume.name(), by) && volume.hasOptions()) {
            unmount(volume);
        }
    }

    private void unmount(Volume volume) throws IOException {
        calls.call(
                "unmounting volume " + volume.name(),
                MOUNT_PATIENCE,
                () -> {
                    DeviceMount.unmount(volume.mountpoint());
                    return volume;
                });
    }

    // ---- events --------------------------------------------------------------------------------

    private void publish(Volume volume, String action) {
        events.publish("volume", action, volume.name(), Map.of("driver", volume.driver()));
    }

    /// Tells that a container has the volume now.
    public void publishMount(String name, ContainerId by, String destination, boolean writable) {
        var attributes = new TreeMap<String, String>();
        attributes.put("driver", Volume.LOCAL);
        attributes.put("container", by.hex());
        attributes.put("destination", destination);
        attributes.put("read/write", Boolean.toString(writable));
        attributes.put("propagation", "");
        events.publish("volume", "mount", name, attributes);
    }

    /// Tells that a container has it no more.
    public void publishUnmount(String name, ContainerId by) {
        events.publish(
                "volume", "unmount", name, Map.of("driver", Volume.LOCAL, "container", by.hex()));
    }
}
