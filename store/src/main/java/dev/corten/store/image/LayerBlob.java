package dev.corten.store.image;

import dev.corten.archive.BoundedInput;
import dev.corten.archive.Compression;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.store.content.Content;
import dev.corten.store.snapshot.LayerImport;
import dev.corten.store.snapshot.StagedLayer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.zip.ZipException;

/// A member of an archive that may be a layer: spooled to disk, and hashed and unpacked on another
/// thread before anybody knows whether an image needs it.
final class LayerBlob implements AutoCloseable {
    private static final int BUFFER = 128 << 10;

    private final String path;
    private final Content.Ingest ingest;
    private final LayerImport imports;
    private final Future<Contents> contents;

    /// What the worker found.
    ///
    /// @param blob the digest of the member's bytes
    /// @param staged empty if it was only hashed
    record Contents(Digest blob, Digest diffId, Optional<StagedLayer> staged) {}

    /// How much to do before anyone asks.
    enum Eagerness {
        /// A layer of this digest is here already: most likely nothing has to be unpacked.
        HASH,
        UNPACK
    }

    LayerBlob(
            String path,
            Content.Ingest ingest,
            LayerImport imports,
            UnpackPool pool,
            Eagerness eagerness) {
        this.path = path;
        this.ingest = ingest;
        this.imports = imports;
        this.contents = pool.start(() -> eagerness == Eagerness.UNPACK ? unpackAgain() : hash());
    }

    String path() {
        return path;
    }

    Content.Ingest ingest() {
        return ingest;
    }

    /// Waits for the worker.
    ///
    /// @throws InvalidParameter if the member is no layer or a damaged one
    Contents contents() throws IOException, InterruptedException {
        try {
            return UnpackPool.result(contents);
        } catch (TarFormatException | ZipException | EOFException e) {
            throw damaged(e);
        } catch (BoundedInput.TooLarge e) {
            throw new InvalidParameter(path + ": " + e.getMessage(), e);
        }
    }

    InvalidParameter damaged(IOException e) {
        return new InvalidParameter("layer " + path + " is damaged: " + e.getMessage(), e);
    }

    /// Unpacks it, on the calling thread. Also for a layer that an image has twice.
    Contents unpackAgain() throws IOException {
        MessageDigest hash = Digest.newHash();
        try (InputStream raw = ingest.read()) {
            byte[] head = raw.readNBytes(Compression.MAGIC_LENGTH);
            if (Compression.detect(head, head.length) == Compression.NONE) {
                try (InputStream again = ingest.read()) {
                    StagedLayer staged = imports.unpack(again, TarReader.End.ANYWHERE);
                    return new Contents(staged.diffId(), staged.diffId(), Optional.of(staged));
                }
            }
        }
        try (var raw = new DigestInputStream(ingest.read(), hash);
                InputStream plain = Compression.open(raw)) {
            StagedLayer staged = imports.unpack(plain, TarReader.End.ANYWHERE);
            readToEnd(raw);
            return new Contents(Digest.finish(hash), staged.diffId(), Optional.of(staged));
        }
    }

    private Contents hash() throws IOException {
        MessageDigest hash = Digest.newHash();
        MessageDigest plainHash = Digest.newHash();
        try (var raw = new DigestInputStream(ingest.read(), hash);
                var plain =
                        new DigestInputStream(imports.bounded(Compression.open(raw)), plainHash)) {
            readToEnd(plain);
            readToEnd(raw);
        }
        return new Contents(Digest.finish(hash), Digest.finish(plainHash), Optional.empty());
    }

    private static void readToEnd(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER];
        while (in.read(buffer) >= 0) {
            // only the hashing matters
        }
    }

    /// Discards what was unpacked and not taken. After the pool's end.
    @Override
    public void close() throws IOException {
        if (contents.state() == Future.State.SUCCESS) {
            contents.resultNow().staged().ifPresent(StagedLayer::close);
        }
        ingest.close();
    }
}
