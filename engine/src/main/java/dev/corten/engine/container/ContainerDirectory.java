package dev.corten.engine.container;

import dev.corten.engine.container.mount.ContainerMounts;
import dev.corten.engine.container.mount.WithVolumes;
import dev.corten.engine.sandbox.SandboxRecord;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.ContainerId;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import dev.corten.store.Durable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;

/// `containers/` in the data root: one directory for each container.
///
/// ```
/// containers/.new-<id>/       being made; removed at open, with the volumes made for it
/// containers/.gone-<id>/      being removed; removed at open
/// containers/.gone-v-<id>/    being removed with its volumes; removed at open, with them
/// containers/<id>/
///   config.v2.json            see ContainerFiles.Config; synced when it is made
///   hostconfig.json           see ContainerFiles.Host; synced when it is changed, until then the
///                             other one has it too
///   state.json                see ContainerFiles.State; replaced at each change, not synced: after
///                             a crash of the machine nothing runs any more anyway
///   sandbox.json              see SandboxRecord; from before a start to the next one
///   hostname hosts resolv.conf  mounted in the container
///   checkpoints/ mounts/      empty
///   <id>-json.log …           written by the monitor
/// ```
public final class ContainerDirectory {
    private static final Logger LOG = System.getLogger(ContainerDirectory.class.getName());
    private static final String NEW = ".new-";
    private static final String GONE = ".gone-";
    private static final String GONE_WITH_VOLUMES = GONE + "v-";
    private static final String STATE_LOST = "state lost";
    private static final String SANDBOX = "sandbox.json";
    private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

    /// Where people who know Docker's directories look; nothing is in them.
    private static final List<String> FAMILIAR = List.of("checkpoints", "mounts");

    private final Path root;
    private final Durable durable;
    private final ContainerFiles files = new ContainerFiles();

    /// @param root `<data-root>/containers`
    public ContainerDirectory(Path root, Durable durable) {
        this.root = root;
        this.durable = durable;
    }

    Path of(ContainerId id) {
        return root.resolve(id.hex());
    }

    /// What else has to be there when a container appears.
    interface Preparation {
        void run() throws IOException;
    }

    /// Makes the directory of a container; it appears whole or not at all.
    ///
    /// @param preparation happens before it appears, and when it is known to be on the way
    void create(
            ContainerFiles.Config config,
            HostConfig host,
            ContainerFiles.State state,
            Preparation preparation)
            throws IOException {
        ContainerId id = config.containerId();
        Path fresh = root.resolve(NEW + id);
        try {
            durable.createDirectories(fresh);
            preparation.run();
            fill(fresh, config, host, state);
        } catch (IOException | RuntimeException e) {
            undo(id, e);
            throw e;
        }
    }

    /// Gives a container that has not appeared yet the log that it had elsewhere, if it had one.
    void copyLog(ContainerId id, Path log) throws IOException {
        if (Files.isRegularFile(log)) {
            Files.copy(log, root.resolve(NEW + id).resolve(id.hex() + "-json.log"));
        }
    }

    private void fill(
            Path fresh, ContainerFiles.Config config, HostConfig host, ContainerFiles.State state)
            throws IOException {
        ContainerId id = config.containerId();
        // Containers that go with their exit survive no crash, so that they need no sync.
        var sync = host.autoRemove() ? Durable.Sync.LATER : Durable.Sync.NOW;
        durable.write(
                fresh.resolve(ContainerFiles.HOST_CONFIG),
                files.write(ContainerFiles.host(host)),
                Durable.Sync.LATER);
        durable.write(fresh.resolve(ContainerFiles.STATE), files.write(state), Durable.Sync.LATER);
        for (String familiar : FAMILIAR) {
            durable.createDirectories(fresh.resolve(familiar));
        }
        durable.write(fresh.resolve(ContainerFiles.CONFIG), files.write(config), sync);
        durable.rename(fresh, of(id));
        if (sync == Durable.Sync.NOW) {
            durable.syncDirectory(root);
        }
    }

    /// A container that could not be made is not there, not even at the next start.
    private void undo(ContainerId id, Exception cause) {
        try {
            if (Files.exists(of(id))) {
                retire(id, WithVolumes.KEEP);
                delete(grave(id, WithVolumes.KEEP));
            } else if (Files.exists(root.resolve(NEW + id))) {
                delete(root.resolve(NEW + id));
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    void writeConfig(ContainerFiles.Config config) throws IOException {
        durable.write(
                of(config.containerId()).resolve(ContainerFiles.CONFIG),
                files.write(config),
                Durable.Sync.NOW);
    }

    void writeHost(ContainerId id, HostConfig host) throws IOException {
        durable.write(
                of(id).resolve(ContainerFiles.HOST_CONFIG),
                files.write(ContainerFiles.host(host)),
                Durable.Sync.NOW);
    }

    void writeState(ContainerId id, ContainerFiles.State state) throws IOException {
        durable.write(of(id).resolve(ContainerFiles.STATE), files.write(state), Durable.Sync.LATER);
    }

    void writeSandbox(ContainerId id, SandboxRecord sandbox) throws IOException {
        durable.write(of(id).resolve(SANDBOX), files.write(sandbox), Durable.Sync.LATER);
    }

    Optional<SandboxRecord> readSandbox(ContainerId id) throws IOException {
        try {
            byte[] bytes = Files.readAllBytes(of(id).resolve(SANDBOX));
            return Optional.of(files.read(bytes, SandboxRecord.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// A file that is mounted in the container: mode 0644 whatever the umask.
    void writeMounted(ContainerId id, String name, String content) throws IOException {
        writeMounted(id, name, content.getBytes(StandardCharsets.UTF_8));
    }

    void writeMounted(ContainerId id, String name, byte[] content) throws IOException {
        Path file = of(id).resolve(name);
        Files.write(file, content);
        try (Fd fd = FileCalls.open(file.toString(), FileCalls.O_RDONLY | FileCalls.O_CLOEXEC)) {
            FileCalls.chmod(fd, 0644);
        }
    }

    /// What is in a file that is mounted in the container, byte by byte; empty if it is not there
    /// or larger than that.
    Optional<String> readMounted(ContainerId id, String name, int limit) throws IOException {
        try (InputStream in = Files.newInputStream(of(id).resolve(name))) {
            byte[] bytes = in.readNBytes(limit + 1);
            return bytes.length > limit
                    ? Optional.empty()
                    : Optional.of(new String(bytes, StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private Path grave(ContainerId id, WithVolumes volumes) {
        return root.resolve((volumes == WithVolumes.KEEP ? GONE : GONE_WITH_VOLUMES) + id);
    }

    /// The container is gone when this returns; [#sweep] deletes what is left of it.
    ///
    /// @param volumes whether the next start has to look after them, should this be cut short
    void retire(ContainerId id, WithVolumes volumes) throws IOException {
        durable.rename(of(id), grave(id, volumes));
    }

    /// Deletes a retired directory, in the background.
    void sweep(ContainerId id, WithVolumes volumes) {
        Thread.ofVirtual()
                .name("sweep-" + id.shortHex())
                .start(() -> {
                    try {
                        delete(grave(id, volumes));
                    } catch (IOException e) {
                        LOG.log(
                                Level.WARNING,
                                () -> "container " + id + ": left its directory behind",
                                e);
                    }
                });
    }

    private static void delete(Path directory) throws IOException {
        Directories.deleteTree(Fd.CWD, directory.toString()).orThrow();
    }

    /// One container as it was left.
    record Saved(ContainerFiles.Config config, HostConfig host, ContainerFiles.State state) {}

    /// What was found.
    ///
    /// @param unreadable those whose files are damaged
    /// @param unmade those whose making was cut short: [#forget] them when their volumes are gone
    /// @param unremoved those whose removal was, with the names of the volumes that go along
    record Opened(
            List<Saved> saved,
            Set<ContainerId> unreadable,
            Set<ContainerId> unmade,
            Map<ContainerId, List<String>> unremoved) {}

    /// Reads what is there. A directory that cannot be read is left alone and reported: it is
    /// somebody's data.
    Opened open() throws IOException {
        durable.createDirectories(root);
        var whole = new ArrayList<Path>();
        var unmade = new HashSet<ContainerId>();
        var unremoved = new HashMap<ContainerId, List<String>>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                Optional<ContainerId> fresh = id(name, NEW);
                Optional<ContainerId> gone = id(name, GONE_WITH_VOLUMES);
                if (fresh.isPresent()) {
                    unmade.add(fresh.get());
                } else if (gone.isPresent()) {
                    unremoved.put(gone.get(), volumes(entry));
                } else if (name.startsWith(NEW) || name.startsWith(GONE)) {
                    delete(entry);
                } else if (ID.matcher(name).matches()) {
                    whole.add(entry);
                }
            }
        }
        var saved = new ConcurrentLinkedQueue<Saved>();
        Set<ContainerId> unreadable = ConcurrentHashMap.newKeySet();
        whole.parallelStream()
                .forEach(entry ->
                        read(entry)
                                .ifPresentOrElse(
                                        saved::add,
                                        () ->
                                                unreadable.add(
                                                        new ContainerId(
                                                                entry.getFileName().toString()))));
        return new Opened(List.copyOf(saved), unreadable, unmade, unremoved);
    }

    private static Optional<ContainerId> id(String name, String prefix) {
        String rest = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
        return ID.matcher(rest).matches() ? Optional.of(new ContainerId(rest)) : Optional.empty();
    }

    private List<String> volumes(Path entry) {
        try {
            var config = file(entry, ContainerFiles.CONFIG, ContainerFiles.Config.class);
            return config.mounts() == null ? List.of() : ContainerMounts.names(config.mounts());
        } catch (IOException | IllegalStateException e) {
            LOG.log(Level.WARNING, () -> "the volumes of " + entry + " are not known", e);
            return List.of();
        }
    }

    /// Deletes what is left of a making or a removal that was cut short.
    void forget(ContainerId id) throws IOException {
        delete(root.resolve(NEW + id));
        delete(grave(id, WithVolumes.REMOVE));
    }

    private Optional<Saved> read(Path entry) {
        try {
            ContainerFiles.Config config = config(entry);
            return Optional.of(new Saved(config, host(entry), state(entry)));
        } catch (IOException | IllegalStateException e) {
            LOG.log(Level.ERROR, () -> "container in " + entry + " cannot be read", e);
            return Optional.empty();
        }
    }

    private ContainerFiles.Config config(Path entry) throws IOException {
        return files.readConfig(Files.readAllBytes(entry.resolve(ContainerFiles.CONFIG)));
    }

    /// Until it is first changed it is not synced, and the other file has the same.
    private HostConfig host(Path entry) throws IOException {
        try {
            return file(entry, ContainerFiles.HOST_CONFIG, ContainerFiles.Host.class).hostConfig();
        } catch (NoSuchFileException | IllegalStateException e) {
            HostConfig copy =
                    file(entry, ContainerFiles.CONFIG, ContainerFiles.Config.class).hostConfig();
            if (copy == null) {
                throw e;
            }
            durable.write(
                    entry.resolve(ContainerFiles.HOST_CONFIG),
                    files.write(ContainerFiles.host(copy)),
                    Durable.Sync.LATER);
            return copy;
        }
    }

    /// It is never synced: a crash of the machine can take it, and the container with its data is
    /// worth more than the memory of how it ended.
    private ContainerFiles.State state(Path entry) throws IOException {
        try {
            ContainerFiles.State state =
                    file(entry, ContainerFiles.STATE, ContainerFiles.State.class);
            state.toStatus();
            return state;
        } catch (NoSuchFileException | IllegalStateException e) {
            LOG.log(Level.ERROR, () -> "container in " + entry + ": its state is lost", e);
            return lostState(entry.resolve(SANDBOX));
        }
    }

    /// Whether it ran the record of its sandbox tells, which is made at the first start.
    private static ContainerFiles.State lostState(Path sandbox) throws IOException {
        ContainerStatus status = new ContainerStatus.Created(STATE_LOST, 255);
        boolean ran = Files.exists(sandbox);
        if (ran) {
            Instant then = Files.getLastModifiedTime(sandbox).toInstant();
            status = new ContainerStatus.Exited(255, false, then, then, STATE_LOST);
        }
        return ContainerFiles.stateOf(status, "", BackOff.NONE, false, ran, "", Map.of(), Map.of());
    }

    private <T> T file(Path directory, String name, Class<T> type) throws IOException {
        return files.read(Files.readAllBytes(directory.resolve(name)), type);
    }
}
