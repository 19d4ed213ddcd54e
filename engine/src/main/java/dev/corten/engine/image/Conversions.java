package dev.corten.engine.image;

import dev.corten.archive.Compression;
import dev.corten.engine.event.Events;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.store.Store;
import dev.corten.store.image.ImageConversion;
import dev.corten.store.image.ImageConversion.Selection;
import dev.corten.store.image.ImageConversion.Words;
import dev.corten.store.image.LayerForm;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Semaphore;

/// Makes other forms of images: `image convert`.
public final class Conversions {
    private final Store store;
    private final Events events;

    /// One at a time: compression takes all processors, and the memory of a window for each.
    private final Semaphore turn = new Semaphore(1, true);

    public Conversions(Store store, Events events) {
        this.store = store;
        this.events = events;
    }

    /// @param format of the layers: `gzip`, `zstd`, `tar` for none; `""` for what they are now
    /// @param oci whether all media types are those of OCI, also where Docker's would do
    /// @param platform of the image that is meant, if there are several under the name
    /// @param all whether all of them are meant
    public record Wanted(
            String source,
            Reference target,
            String format,
            OptionalInt level,
            boolean oci,
            Optional<Platform> platform,
            boolean all) {
        private LayerForm form() {
            return switch (format) {
                case "" -> {
                    if (level.isPresent()) {
                        throw new InvalidParameter("a compression level needs a format");
                    }
                    yield new LayerForm.AsItIs();
                }
                case "gzip" -> new LayerForm.Packed(Compression.GZIP, level);
                case "zstd" -> new LayerForm.Packed(Compression.ZSTD, level);
                case "tar" -> new LayerForm.Packed(Compression.NONE, level);
                default ->
                        throw new InvalidParameter(
                                "layers cannot be converted to "
                                        + format
                                        + ": it must be gzip, zstd or tar");
            };
        }

        private Selection selection() {
            if (all && platform.isPresent()) {
                throw new InvalidParameter("either one platform or all of them can be converted");
            }
            return all
                    ? new Selection.All()
                    : platform.<Selection>map(Selection.One::new).orElse(new Selection.Usual());
        }
    }

    /// @return the digest of the manifest or index that the target stands for now
    /// @throws dev.corten.model.NotFound in Docker's words
    public Digest convert(Wanted wanted) throws IOException, InterruptedException {
        LayerForm form = wanted.form();
        Selection selection = wanted.selection();
        Words words = wanted.oci ? Words.OCI : Words.KEEP;
        turn.acquire();
        try (var conversion = new ImageConversion(store, form, words)) {
            Descriptor made = conversion.convert(wanted.source, wanted.target, selection);
            events.publish(
                    "image",
                    "tag",
                    store.images().get(wanted.target.orLatest().toString()).id().toString(),
                    Map.of("name", wanted.target.orLatest().familiar()));
            return made.digest();
        } finally {
            turn.release();
        }
    }
}
