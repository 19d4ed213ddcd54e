package dev.corten.store;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.Conflict;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.store.artifact.Artifacts;
import dev.corten.store.content.Content;
import dev.corten.store.image.Images;
import dev.corten.store.image.LayerArchive;
import dev.corten.store.migration.DockerRoot;
import dev.corten.store.snapshot.KeptSteps;
import dev.corten.store.snapshot.LayerImport;
import dev.corten.store.snapshot.Layers;
import dev.corten.store.snapshot.Snapshots;
import dev.corten.store.snapshot.StepLayers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An open data root.
///
/// Opening locks it against other daemons, refuses file systems and formats that cannot work, and
/// repairs what a crash left. Closing waits for [hints][dev.corten.store.image.Distribution] on their way to
/// disk; there is nothing else to flush.
public final class Store implements AutoCloseable {
    private static final String FORMAT = "1";

    /// For what comes and goes; emptied at open.
    private static final String TEMPORARY = "tmp";

    /// Where people who know Docker's data root look, whether anything is there yet or not.
    private static final List<String> FAMILIAR =
            List.of("builder", "buildkit", "plugins", "runtimes", "swarm", TEMPORARY, "trust");

    private final Fd lock;
    private final StoreLayout layout;
    private final Durable durable;
    private final Content content;
    private final Layers layers;
    private final Snapshots snapshots;
    private final Images images;
    private final LayerImport imports;
    private final LayerArchive archive;
    private final StepLayers steps;
    private final Artifacts artifacts;

    private Store(
            Fd lock,
            StoreLayout layout,
            Durable durable,
            Content content,
            Layers layers,
            Snapshots snapshots,
            Images images,
            LayerImport imports,
            Artifacts artifacts) {
        this.artifacts = artifacts;
        this.imports = imports;
        this.lock = lock;
        this.layout = layout;
        this.durable = durable;
        this.content = content;
        this.layers = layers;
        this.snapshots = snapshots;
        this.images = images;
        this.archive = new LayerArchive(layout, durable, content, layers);
        this.steps = new StepLayers(layout, layers, imports);
    }

    /// With the driver that the data root was used with, overlayfs if it is new.
    ///
    /// @see #open(Path, Optional, Durable, Clock)
    public static Store open(Path dataRoot, Durable durable, Clock clock) throws IOException {
        return open(dataRoot, Optional.empty(), durable, clock);
    }

    /// @param dataRoot an absolute path; made if it is missing, readable by root and its group only
    /// @param chosen the driver; without a choice the one that the data root was used with, or
    ///     overlayfs if it is new
    /// @throws Conflict if another daemon has it open
    /// @throws InvalidParameter if it was used with several drivers and none is chosen
    /// @throws NotImplemented if its file system or its format cannot be used, or if it is Docker's
    public static Store open(
            Path dataRoot, Optional<StorageDriver> chosen, Durable durable, Clock clock)
            throws IOException {
        if (DockerRoot.isOne(dataRoot)) {
            throw new NotImplemented(
                    "data root "
                            + dataRoot
                            + " belongs to a Docker Engine. Choose another one (--data-root), and"
                            + " copy what is there with 'corten system migrate "
                            + dataRoot
                            + "'");
        }
        durable.createDirectories(dataRoot);
        Fd lock =
                FileCalls.open(
                        Fd.CWD,
                        dataRoot.resolve(StoreLayout.LOCK).toString(),
                        FileCalls.O_RDWR | FileCalls.O_CREAT,
                        0600);
        try {
            if (!FileData.tryLock(lock, true)) {
                throw new Conflict("data root " + dataRoot + " is in use by another daemon");
            }
            try (Fd root = FileCalls.openDirectory(dataRoot.toString())) {
                Directories.unrelated(root);
            }
            StorageDriver driver = chosen.isPresent() ? chosen.get() : prior(dataRoot);
            var layout = new StoreLayout(dataRoot, driver);
            checkFormat(layout, durable);
            for (String familiar : FAMILIAR) {
                durable.createDirectories(dataRoot.resolve(familiar));
            }
            emptyTemporary(dataRoot.resolve(TEMPORARY));
            durable.createDirectories(layout.snapshots());
            Snapshots.check(layout);
            var content = new Content(layout, durable);
            content.open();
            var layers = new Layers(layout, durable);
            layers.keptBy(new KeptSteps(layout.buildRecords())::chains);
            layers.open();
            var snapshots = new Snapshots(layout, durable, layers);
            snapshots.open();
            var imports = new LayerImport(layout, durable, layers);
            // First: it tells what the others must not collect.
            var artifacts = new Artifacts(layout, durable, content);
            artifacts.open();
            var images = new Images(layout, durable, clock, content, layers, imports);
            images.open();
            return new Store(
                    lock.transfer(),
                    layout,
                    durable,
                    content,
                    layers,
                    snapshots,
                    images,
                    imports,
                    artifacts);
        } finally {
            lock.close();
        }
    }

    private static void emptyTemporary(Path directory) throws IOException {
        try (Fd fd = FileCalls.openDirectory(directory.toString())) {
            Directories.deleteContents(fd).orThrow();
        }
    }

    private static void checkFormat(StoreLayout layout, Durable durable) throws IOException {
        if (!Files.exists(layout.format())) {
            durable.write(
                    layout.format(), FORMAT.getBytes(StandardCharsets.US_ASCII), Durable.Sync.NOW);
        }
        String format = Files.readString(layout.format()).strip();
        if (!format.equals(FORMAT)) {
            throw new NotImplemented(
                    "data root "
                            + layout.dataRoot()
                            + " has format "
                            + format
                            + ", this version of Corten knows "
                            + FORMAT
                            + " only");
        }
    }

    /// The driver whose images or containers are here.
    private static StorageDriver prior(Path dataRoot) throws IOException {
        var used = new ArrayList<StorageDriver>();
        for (StorageDriver driver : StorageDriver.values()) {
            var layout = new StoreLayout(dataRoot, driver);
            if (isUsed(layout.imageConfigs()) || isUsed(layout.layerRecords())) {
                used.add(driver);
            }
        }
        if (used.size() > 1) {
            throw new InvalidParameter(
                    "data root "
                            + dataRoot
                            + " contains several valid graphdrivers: "
                            + String.join(", ", used.stream().map(StorageDriver::toString).toList())
                            + "; cleanup or explicitly choose storage driver (-s <DRIVER>)");
        }
        return used.isEmpty() ? StorageDriver.OVERLAY : used.getFirst();
    }

    private static boolean isUsed(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return entries.iterator().hasNext();
        }
    }

    public StoreLayout layout() {
        return layout;
    }

    public Durable durable() {
        return durable;
    }

    public Content content() {
        return content;
    }

    public Layers layers() {
        return layers;
    }

    public Snapshots snapshots() {
        return snapshots;
    }

    public Images images() {
        return images;
    }

    public Artifacts artifacts() {
        return artifacts;
    }

    /// How layers come in.
    public LayerImport layerImport() {
        return imports;
    }

    /// How the steps of builds make layers.
    public StepLayers stepLayers() {
        return steps;
    }

    /// What layers are sent as.
    public LayerArchive layerArchive() {
        return archive;
    }

    @Override
    public void close() {
        images.distribution().close();
        lock.close();
    }
}
