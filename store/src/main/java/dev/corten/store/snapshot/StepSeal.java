package dev.corten.store.snapshot;

import dev.corten.archive.TarReader;
import dev.corten.archive.unpack.UnpackedLayer;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The end of a step, for a [Snapshotter].
///
/// @param directory of the step, with its parts
/// @param hasLower whether it was over layers at all
/// @param leftOut what is no change of the step's; paths are relative
/// @param passed paths of what is gone already: directories above may be as they were
/// @param clamp the latest time that a file may have
/// @param digest sees the tar
record StepSeal(
        Layers layers,
        LayerImport imports,
        String cacheId,
        Path directory,
        Snapshots.Paths paths,
        boolean hasLower,
        Set<PathBytes> leftOut,
        Set<PathBytes> passed,
        Optional<Instant> clamp,
        LayerDigest digest) {
    private static final int BUFFER = 128 << 10;

    static Digest digestOf(InputStream tar) throws IOException {
        MessageDigest hash = Digest.newHash();
        byte[] buffer = new byte[BUFFER];
        for (int n = tar.read(buffer); n >= 0; n = tar.read(buffer)) {
            hash.update(buffer, 0, n);
        }
        return Digest.finish(hash);
    }

    /// The step's own directory as the layer's; `diff/` alone stays of it.
    StagedLayer staged(Digest diffId) throws IOException {
        for (Path part : List.of(paths.work(), directory.resolve(Snapshots.EMPTY))) {
            if (Files.exists(part)) {
                layers.discard(part);
            }
        }
        // Nothing is left open: it was made in its place.
        var whole =
                new UnpackedLayer(List.of(), List.of(), List.of(), List.of(), digest.size(), false);
        return new StagedLayer(layers, cacheId, directory, diffId, whole, false);
    }

    /// A directory of the layer's own.
    StagedLayer unpacked(InputStream tar) throws IOException {
        return imports.unpack(tar, TarReader.End.MARKED);
    }
}
