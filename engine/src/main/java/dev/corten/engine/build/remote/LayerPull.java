package dev.corten.engine.build.remote;

import dev.corten.archive.BoundedInput;
import dev.corten.archive.Compression;
import dev.corten.archive.TarReader;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.image.Descriptor;
import dev.corten.store.Store;
import dev.corten.store.content.Content;
import dev.corten.store.snapshot.ChainId;
import dev.corten.store.snapshot.LayerImport;
import dev.corten.store.snapshot.Layers;
import dev.corten.store.snapshot.StagedLayer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.zip.ZipException;

/// Brings layers of a cache, or of a layout, here. Each is checked: the blob by its digest, what is in it by its diff
/// ID.
final class LayerPull {
    private final Store store;

    LayerPull(Store store) {
        this.store = store;
    }

    /// @param blob as the manifest of the cache has it
    record Wanted(Descriptor blob, Digest diffId) {}

    /// Brings those that are not here.
    ///
    /// @param chain not empty, lowest first
    /// @return keeps them
    Layers.Pin pull(BlobSource blobs, List<Wanted> chain) throws IOException, InterruptedException {
        Digest top = ChainId.of(chain.stream().map(Wanted::diffId).toList()).getLast();
        Optional<Layers.Pin> here = store.layers().pin(top);
        return here.isPresent() ? here.get() : onThread(() -> bring(blobs, chain, top));
    }

    /// Unpacking blocks: it has a thread of its own.
    private static Layers.Pin onThread(Callable<Layers.Pin> work)
            throws IOException, InterruptedException {
        var task = new FutureTask<>(work);
        Thread thread = Thread.ofPlatform().daemon().name("build-cache-pull").start(task);
        try {
            return task.get();
        } catch (InterruptedException e) {
            thread.interrupt();
            awaitEnd(thread);
            if (task.state() == FutureTask.State.SUCCESS) {
                task.resultNow().close();
            }
            throw e;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case InterruptedException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private static void awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
                return;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    private Layers.Pin bring(BlobSource blobs, List<Wanted> wanted, Digest top)
            throws IOException, InterruptedException {
        var ingests = new ArrayList<Content.Ingest>();
        try (LayerImport.Session session = store.layerImport().session()) {
            var kept = new ArrayList<Content.Ingest>();
            LayerImport.Chain chain = session.chain();
            for (Wanted layer : wanted) {
                if (chain.addExisting(layer.diffId())) {
                    continue;
                }
                Content.Ingest ingest = store.content().ingest();
                ingests.add(ingest);
                download(blobs, layer.blob(), ingest);
                StagedLayer staged = unpack(layer, ingest, blobs.what());
                staged.take();
                if (chain.add(staged, Optional.of(layer.blob().digest()))) {
                    kept.add(ingest);
                }
            }
            try (var _ = store.content().publish(kept)) {
                session.sync();
                session.commit();
            }
            return store.layers().pin(top).orElseThrow(() -> new NotFound("No such layer: " + top));
        } finally {
            for (Content.Ingest ingest : ingests) {
                ingest.close();
            }
        }
    }

    private static void download(BlobSource blobs, Descriptor blob, Content.Ingest ingest)
            throws IOException, InterruptedException {
        try (InputStream in =
                new BoundedInput(
                        blobs.open(blob),
                        blob.size(),
                        "layer " + blob.digest() + " of " + blobs.what() + " has more than")) {
            in.transferTo(ingest.out());
        } catch (BoundedInput.TooLarge e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
        ingest.verify(blob.digest());
    }

    private StagedLayer unpack(Wanted layer, Content.Ingest ingest, String what)
            throws IOException {
        StagedLayer staged;
        try (InputStream plain = Compression.open(ingest.read())) {
            staged = store.layerImport().unpack(plain, TarReader.End.ANYWHERE);
        } catch (BoundedInput.TooLarge | ZipException | EOFException e) {
            throw new InvalidParameter(
                    "layer " + layer.blob().digest() + " of " + what + ": " + e.getMessage(), e);
        }
        if (!staged.diffId().equals(layer.diffId())) {
            Digest actual = staged.diffId();
            staged.close();
            throw new InvalidParameter(
                    "layer "
                            + layer.blob().digest()
                            + " of "
                            + what
                            + " has the diff ID "
                            + actual
                            + ", not "
                            + layer.diffId());
        }
        return staged;
    }
}
