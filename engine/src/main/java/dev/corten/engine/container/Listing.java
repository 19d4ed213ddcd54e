package dev.corten.engine.container;

import dev.corten.engine.container.mount.ContainerMounts;
import dev.corten.engine.container.view.ContainerCounts;
import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.container.view.DiskSize;
import dev.corten.engine.exec.ExecTable;
import dev.corten.engine.image.GraphView;
import dev.corten.engine.image.Images;
import dev.corten.model.ContainerId;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.MountPoint;
import dev.corten.model.image.Image;
import dev.corten.store.image.ImageUse;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/// What others see of containers.
final class Listing {
    private final ContainerTable table;
    private final ExecTable execs;
    private final Snapshots snapshots;
    private final Images images;
    private final ContainerMounts mounts;

    Listing(
            ContainerTable table,
            ExecTable execs,
            Snapshots snapshots,
            Images images,
            ContainerMounts mounts) {
        this.table = table;
        this.execs = execs;
        this.snapshots = snapshots;
        this.images = images;
        this.mounts = mounts;
    }

    /// @throws NotFound and InvalidParameter as [Names#resolve]
    ContainerView inspect(String reference) {
        return view(table.get(reference), table.links().names());
    }

    /// All of them, newest first.
    List<ContainerView> list() {
        Map<ContainerId, SortedSet<String>> names = table.links().names();
        return table.all().stream()
                .map(container -> view(container, names))
                .sorted(Comparator.comparing(ContainerView::created).reversed())
                .toList();
    }

    /// What a container takes on the disk: its files are looked at one by one.
    DiskSize diskSize(ContainerView view) throws IOException {
        long changed = snapshots.changedBytes(view.id());
        return new DiskSize(
                changed, changed + images.find(view.image()).map(Image::size).orElse(0L));
    }

    /// All of them, newest first, and what they take. One that is removed meanwhile is left out.
    Map<ContainerView, DiskSize> diskSizes() throws IOException {
        var sizes = new LinkedHashMap<ContainerView, DiskSize>();
        for (ContainerView view : list()) {
            try {
                sizes.put(view, diskSize(view));
            } catch (NotFound _) {
                // Removed since it was listed.
            }
        }
        return sizes;
    }

    private ContainerView view(Container container, Map<ContainerId, SortedSet<String>> linkNames) {
        return container.view(
                table.links().shown(container),
                linkNames.getOrDefault(container.id, Collections.emptySortedSet()),
                execs.running(container.id),
                graph(container.id),
                ContainerLogs.shownPath(container),
                mounts.view(container.mounts));
    }

    private GraphView graph(ContainerId id) {
        try {
            return GraphView.of(snapshots.driver(), snapshots.paths(id), Map.of("ID", id.hex()));
        } catch (NotFound | IOException e) {
            return GraphView.none(snapshots.driver());
        }
    }

    /// Which containers were made of an image, or have it mounted.
    List<ImageUse.Use> of(Digest image) {
        return table.all().stream()
                .filter(container ->
                        container.image.equals(image)
                                || container.mounts.stream()
                                        .anyMatch(mount ->
                                                mount instanceof MountPoint.Image i
                                                        && i.id().equals(image.toString())))
                .map(container ->
                        new ImageUse.Use(container.id, container.status().countsAsRunning()))
                .toList();
    }

    /// Whether no process runs and none will by itself.
    boolean isQuiet() {
        return table.all().stream().noneMatch(container -> container.status().countsAsRunning());
    }

    /// How many there are in each state. Docker counts those that wait for a restart as stopped.
    ContainerCounts counts() {
        int running = 0;
        int paused = 0;
        int stopped = 0;
        for (Container container : table.all()) {
            switch (container.status()) {
                case ContainerStatus.Running r when r.paused() -> paused++;
                case ContainerStatus.Running _ -> running++;
                default -> stopped++;
            }
        }
        return new ContainerCounts(running, paused, stopped);
    }
}
