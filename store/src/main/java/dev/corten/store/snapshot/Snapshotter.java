package dev.corten.store.snapshot;

import dev.corten.archive.unpack.LayerUnpack;
import dev.corten.kernel.Fd;
import dev.corten.model.NotImplemented;
import dev.corten.model.PathBytes;
import dev.corten.model.container.Change;
import dev.corten.store.StorageDriver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// One way to keep layers and to make containers' file systems of them. Whatever the way, a layer's
/// directory is complete and never changes once it is committed, and a container's is its own.
sealed interface Snapshotter permits OverlaySnapshotter, CopySnapshotter {
    /// Where a layer's or container's own files are.
    String DIFF = "diff";

    static Snapshotter of(StorageDriver driver) {
        return switch (driver) {
            case OVERLAY -> new OverlaySnapshotter();
            case COPY -> new CopySnapshotter();
        };
    }

    StorageDriver driver();

    /// Tries what this way needs of a file system.
    ///
    /// @throws NotImplemented if it has not; the message says what, and what to do
    void check(Path directory) throws IOException;

    /// How a layer being unpacked says what it hides.
    LayerUnpack.Marks marks();

    /// The directories that together show a stack of layers.
    ///
    /// @param layers the `diff/` of each, top first
    List<Path> visible(List<Path> layers);

    /// Makes a settled layer what will be committed.
    ///
    /// @param root the layer's `diff/`
    /// @param below what it lies on
    void complete(Fd root, LayerSettlement.Hidden hidden, LowerView below) throws IOException;

    /// The directories in a container's one; [#DIFF] is among them.
    List<String> parts();

    /// Fills what a container sees, which nobody sees yet.
    ///
    /// @param upper the container's `diff/`
    /// @param top the `diff/` of the image's topmost layer
    void fill(Fd upper, Fd top) throws IOException;

    /// Whether that is more than can be made anew: it must be on disk before a container can be said
    /// to exist.
    boolean fillsWithFiles();

    /// Where the parts of a container lie.
    Snapshots.Paths paths(Path directory, List<Path> layers);

    /// Makes a layer of what a step of a build has changed.
    ///
    /// @return nobody has seen it, and it knows no layer below it
    StagedLayer seal(StepSeal step) throws IOException;

    /// A detached mount of a container's file system.
    Fd mount(Snapshots.Paths paths, Snapshots.Persistence persistence) throws IOException;

    /// See [Snapshots#changes].
    List<Change> changes(Snapshots.Paths paths, Set<PathBytes> made) throws IOException;

    /// See [Snapshots#changesTar].
    InputStream changesTar(Snapshots.Paths paths, Set<PathBytes> made) throws IOException;

    /// See [Snapshots#changedBytes].
    long changedBytes(Snapshots.Paths paths) throws IOException;
}
