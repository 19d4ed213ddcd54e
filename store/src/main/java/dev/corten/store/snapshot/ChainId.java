package dev.corten.store.snapshot;

import dev.corten.model.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Chain IDs (OCI image specification, "Layer ChainID"): the name of a layer together with all
/// layers below it.
public final class ChainId {
    private ChainId() {}

    /// The chain IDs of an image's layers, lowest first.
    public static List<Digest> of(List<Digest> diffIds) {
        var chain = new ArrayList<Digest>();
        for (Digest diffId : diffIds) {
            chain.add(
                    on(chain.isEmpty() ? Optional.empty() : Optional.of(chain.getLast()), diffId));
        }
        return List.copyOf(chain);
    }

    /// The chain ID of a layer on top of a chain.
    public static Digest on(Optional<Digest> below, Digest diffId) {
        return below.map(parent ->
                        Digest.of((parent + " " + diffId).getBytes(StandardCharsets.UTF_8)))
                .orElse(diffId);
    }
}
