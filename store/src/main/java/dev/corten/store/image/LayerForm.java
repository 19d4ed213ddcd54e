package dev.corten.store.image;

import dev.corten.archive.Compression;
import dev.corten.archive.GzipOutput;
import dev.corten.archive.ZstdOutput;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;

/// What the layers of a converted image are.
public sealed interface LayerForm {
    /// As they came, or as they are sent: only their media types are those of OCI.
    record AsItIs() implements LayerForm {}

    /// @param level empty for the usual one, with which a layer that came in this form stays what it
    ///     is
    record Packed(Compression compression, OptionalInt level) implements LayerForm {
        private static final int BUFFER = 128 << 10;
        private static final int USUAL_ZSTD = 3;
        private static final int MOST_GZIP = 9;

        /// Above this a window needs more memory than those who read it may have.
        private static final int MOST_ZSTD = 19;

        public Packed {
            int most =
                    switch (compression) {
                        case GZIP -> MOST_GZIP;
                        case ZSTD -> MOST_ZSTD;
                        case NONE -> 0;
                        case BZIP2, XZ ->
                                throw new InvalidParameter(
                                        "layers cannot be compressed with "
                                                + compression.name().toLowerCase(Locale.ROOT));
                    };
            if (level.isPresent() && (level.getAsInt() < 1 || level.getAsInt() > most)) {
                throw new InvalidParameter(
                        "invalid compression level "
                                + level.getAsInt()
                                + (most == 0
                                        ? ": nothing is compressed"
                                        : ": must be 1 to " + most));
            }
        }

        String mediaType() {
            return switch (compression) {
                case GZIP -> MediaTypes.OCI_LAYER_GZIP;
                case ZSTD -> MediaTypes.OCI_LAYER_ZSTD;
                case NONE, BZIP2, XZ -> MediaTypes.OCI_LAYER;
            };
        }

        /// @param target is closed
        /// @return what was written
        public Descriptor write(InputStream plain, OutputStream target) throws IOException {
            MessageDigest hash = Digest.newHash();
            var counted = new Counted(target);
            int processors = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8);
            ExecutorService threads =
                    Executors.newFixedThreadPool(
                            processors,
                            Thread.ofPlatform().daemon().name("store-pack-", 0).factory());
            try (threads;
                    var sink =
                            new BufferedOutputStream(
                                    new DigestOutputStream(counted, hash), BUFFER)) {
                try (OutputStream packed =
                        switch (compression) {
                            case GZIP ->
                                    level.isPresent()
                                            ? new LevelledGzip(sink, level.getAsInt())
                                            : new GzipOutput(sink, threads, 2 * processors);
                            case ZSTD -> new ZstdOutput(sink, level.orElse(USUAL_ZSTD));
                            case NONE, BZIP2, XZ -> new Unpacked(sink);
                        }) {
                    plain.transferTo(packed);
                }
                sink.flush();
            }
            return Descriptor.of(mediaType(), Digest.finish(hash), counted.count);
        }

        private static final class Counted extends FilterOutputStream {
            private long count;

            Counted(OutputStream target) {
                super(target);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
                count += length;
            }
        }

        /// zlib, for who would rather wait. It leaves its target open, as the others do.
        private static final class LevelledGzip extends GZIPOutputStream {
            LevelledGzip(OutputStream target, int level) throws IOException {
                super(new Unpacked(target), BUFFER);
                def.setLevel(level);
            }
        }

        /// Closed like the others: without its target.
        private static final class Unpacked extends FilterOutputStream {
            Unpacked(OutputStream target) {
                super(target);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                out.write(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        }
    }

    /// Whether Docker's own media types have no word for it.
    default boolean needsOci() {
        return switch (this) {
            case AsItIs() -> true;
            case Packed packed -> packed.compression() != Compression.GZIP;
        };
    }
}
