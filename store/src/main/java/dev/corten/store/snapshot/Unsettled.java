package dev.corten.store.snapshot;

import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.model.Digest;
import dev.corten.store.Durable;
import dev.corten.store.StoreLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Layers that were made without waiting for the disk: the death of the daemon does them no harm, a
/// crash of the machine may leave anything of them.
///
/// The record of such a layer has a mark with the ID of the boot. What has the mark of another boot is
/// gone, unless a list says that it was synced: the list is on disk before anybody relies on it, the
/// marks are deleted without waiting, and a list is only replaced when those deletions are on disk.
///
/// Marks are made and deleted by whoever holds the layer, or has its record still for himself.
final class Unsettled {
    private static final String MARK = "unsettled";

    private final StoreLayout layout;
    private final Durable durable;

    /// Of this boot.
    private final Map<Digest, Layer> layers = new ConcurrentHashMap<>();

    /// Lines of the list.
    private final Set<String> noted = new HashSet<>();

    private String boot = "";

    Unsettled(StoreLayout layout, Durable durable) {
        this.layout = layout;
        this.durable = durable;
    }

    /// Before records are looked at.
    void open() throws IOException {
        boot = ProcessIdentity.currentBootId();
        noted.clear();
        layers.clear();
        if (Files.exists(layout.settledLayers())) {
            // Damage is no more than a line that is missing.
            byte[] list = Files.readAllBytes(layout.settledLayers());
            noted.addAll(new String(list, StandardCharsets.ISO_8859_1).lines().toList());
        }
    }

    /// Whether nobody knows what there is of a layer.
    boolean isLost(Path record) throws IOException {
        Path mark = record.resolve(MARK);
        if (!Files.exists(mark)) {
            return false;
        }
        if (noted.contains(
                line(record.getFileName().toString(), text(record.resolve("cache-id"))))) {
            durable.delete(mark);
            return false;
        }
        return !text(mark).equals(boot);
    }

    private static String text(Path file) throws IOException {
        return Files.exists(file)
                ? new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).strip()
                : "";
    }

    static boolean isMarked(Path record) {
        return Files.exists(record.resolve(MARK));
    }

    void mark(Path record) throws IOException {
        Files.writeString(record.resolve(MARK), boot);
    }

    void add(Layer layer) {
        layers.put(layer.chainId(), layer);
    }

    void forget(Digest chainId) {
        layers.remove(chainId);
    }

    boolean contains(Digest chainId) {
        return layers.containsKey(chainId);
    }

    List<Layer> list() {
        return List.copyOf(layers.values());
    }

    /// Says of layers that they are on disk, so that it is on disk.
    void note(List<Layer> settled) throws IOException {
        var lines = new StringBuilder();
        for (Layer layer : settled) {
            lines.append(line(layer.chainId().hex(), layer.cacheId())).append('\n');
        }
        durable.write(
                layout.settledLayers(),
                lines.toString().getBytes(StandardCharsets.US_ASCII),
                Durable.Sync.NOW);
    }

    /// Afterwards, for each of them. It is held meanwhile.
    void settled(Layer layer) throws IOException {
        durable.delete(layout.layerRecord(layer.chainId()).resolve(MARK));
        layers.remove(layer.chainId());
    }

    private static String line(String chain, String cacheId) {
        return chain + " " + cacheId;
    }
}
