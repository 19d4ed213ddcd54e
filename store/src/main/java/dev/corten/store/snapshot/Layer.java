package dev.corten.store.snapshot;

import dev.corten.model.Digest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A committed layer.
///
/// @param cacheId the name of its directory
/// @param link the short name of its `diff/`
/// @param size bytes of its regular files
/// @param blob what it was unpacked from, if that is kept
/// @param archives what was made of it here to be sent elsewhere, by [kind][Layers#ARCHIVES]
public record Layer(
        Digest chainId,
        Digest diffId,
        Optional<Digest> parent,
        String cacheId,
        String link,
        long size,
        Optional<Digest> blob,
        Map<String, Digest> archives) {
    public Layer {
        archives = Map.copyOf(archives);
    }

    Layer withArchive(String kind, Digest archive) {
        var others = new HashMap<>(archives);
        others.put(kind, archive);
        return new Layer(chainId, diffId, parent, cacheId, link, size, blob, others);
    }

    Layer withoutBlob(Digest gone) {
        var others = new HashMap<>(archives);
        others.values().remove(gone);
        return new Layer(
                chainId,
                diffId,
                parent,
                cacheId,
                link,
                size,
                blob.filter(it -> !it.equals(gone)),
                others);
    }

    /// All that is kept for it beside its directory.
    public List<Digest> blobs() {
        return Stream.concat(blob.stream(), archives.values().stream()).toList();
    }
}
