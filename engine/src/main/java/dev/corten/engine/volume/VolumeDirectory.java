package dev.corten.engine.volume;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.MountInfo;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.ContainerId;
import dev.corten.store.Durable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// `volumes/` in the data root: one directory for each volume.
///
/// ```
/// volumes/.new-<16 digits>/    being made; removed at open
/// volumes/.gone-<16 digits>/   being removed; removed at open
/// volumes/<name>/
///   volume.json                see Saved
///   _data/                     what containers see
///   .filling/ .filled/         see CopyUp
/// ```
///
/// Nobody but root gets here: the directory above has mode 0710.
public final class VolumeDirectory {
    private static final Logger LOG = System.getLogger(VolumeDirectory.class.getName());
    private static final String NEW = ".new-";
    private static final String GONE = ".gone-";
    private static final String RECORD = "volume.json";
    static final String DATA = "_data";
    private static final int FORMAT = 1;

    private final Path root;
    private final Durable durable;
    private final RandomGenerator random;

    /// As the kernel names it; set by [#open].
    private volatile Path realRoot;

    private final JsonMapper json =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.UPPER_CAMEL_CASE)
                    .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    /// @param root `<data-root>/volumes`
    /// @param random for names that nobody sees
    public VolumeDirectory(Path root, Durable durable, RandomGenerator random) {
        this.root = root;
        this.realRoot = root;
        this.durable = durable;
        this.random = random;
    }

    /// What `volume.json` holds. Version 1 is in `docs/formats/on-disk.md`.
    public record Saved(
            int format,
            String name,
            Instant created,
            @Nullable Map<String, String> labels,
            @Nullable Map<String, String> options,
            @Nullable String madeFor) {}

    Durable durable() {
        return durable;
    }

    Path of(String name) {
        return root.resolve(name);
    }

    /// Removes what was half made or half removed, finishes what was half filled, and reads the
    /// rest. A volume that cannot be read is left alone and reported: it is somebody's data.
    List<Volume> open() throws IOException {
        durable.createDirectories(root);
        realRoot = root.toRealPath();
        var volumes = new ArrayList<Volume>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (name.startsWith(NEW) || name.startsWith(GONE)) {
                    delete(entry);
                } else if (Files.isDirectory(entry)) {
                    read(entry, name, volumes);
                }
            }
        }
        return volumes;
    }

    private void read(Path entry, String name, List<Volume> volumes) {
        try {
            Saved record = parse(Files.readAllBytes(entry.resolve(RECORD)));
            if (!record.name().equals(name)) {
                throw new IllegalStateException("it is the record of " + record.name());
            }
            new CopyUp(durable).finish(entry);
            volumes.add(volume(record));
        } catch (IOException | IllegalStateException e) {
            LOG.log(Level.ERROR, () -> "volume in " + entry + " cannot be used", e);
        }
    }

    Saved parse(byte[] bytes) {
        try {
            Saved record = json.readValue(bytes, Saved.class);
            if (record.format() != FORMAT) {
                throw new IllegalStateException(
                        "written in format " + record.format() + ", this version reads " + FORMAT);
            }
            return record;
        } catch (JacksonException e) {
            throw new IllegalStateException("damaged: " + e.getOriginalMessage(), e);
        }
    }

    private Volume volume(Saved record) {
        return new Volume(
                record.name(),
                record.created(),
                record.labels(),
                record.options(),
                of(record.name()).resolve(DATA),
                Optional.ofNullable(record.madeFor()).map(ContainerId::new));
    }

    /// Makes the directory of a volume; it appears whole or not at all.
    ///
    /// @param request with a name
    /// @param madeFor see [Volume#madeFor()]
    /// @param sync whether it must survive a crash of the machine
    Volume create(
            VolumeRequest request, Instant now, Optional<ContainerId> madeFor, Durable.Sync sync)
            throws IOException {
        String name = request.name();
        var record =
                new Saved(
                        FORMAT,
                        name,
                        now,
                        request.labels(),
                        request.options(),
                        madeFor.map(ContainerId::hex).orElse(null));
        Path fresh = temporary(NEW);
        try {
            durable.createDirectories(fresh);
            Path data = Files.createDirectory(fresh.resolve(DATA));
            try (Fd fd = FileCalls.openDirectory(data.toString())) {
                // Exactly this, whatever the umask: containers' users look at it.
                FileCalls.chmod(fd, 0755);
            }
            durable.write(fresh.resolve(RECORD), write(record), sync);
            durable.rename(fresh, of(name));
            if (sync == Durable.Sync.NOW) {
                durable.syncDirectory(root);
            }
        } catch (IOException | RuntimeException e) {
            discard(fresh, e);
            throw e;
        }
        return volume(record);
    }

    byte[] write(Saved record) {
        return json.writeValueAsBytes(record);
    }

    private static void discard(Path fresh, Exception cause) {
        try {
            Directories.deleteTree(Fd.CWD, fresh.toString()).orThrow();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private Path temporary(String prefix) {
        return root.resolve(prefix + HexFormat.of().toHexDigits(random.nextLong()));
    }

    /// The volume is gone when this returns, and its files are on their way.
    void remove(String name) throws IOException {
        Path grave = temporary(GONE);
        durable.rename(of(name), grave);
        Thread.ofVirtual()
                .name("sweep-volume-" + name)
                .start(() -> {
                    try {
                        delete(grave);
                    } catch (IOException e) {
                        LOG.log(
                                Level.WARNING,
                                () -> "volume " + name + ": left its directory behind",
                                e);
                    }
                });
    }

    /// Whatever somebody has mounted in it is detached first: those files are not ours to delete.
    private void delete(Path grave) throws IOException {
        String prefix = realRoot.resolve(grave.getFileName()) + "/";
        for (MountInfo mount : MountInfo.self().reversed()) {
            if (mount.mountPoint().toString().startsWith(prefix)) {
                detach(mount.mountPoint().toString());
            }
        }
        Directories.deleteTree(Fd.CWD, grave.toString()).orThrow();
    }

    private static void detach(String mountPoint) throws Errno {
        Mounts.unmount(mountPoint, Mounts.MNT_DETACH | Mounts.UMOUNT_NOFOLLOW);
    }
}
