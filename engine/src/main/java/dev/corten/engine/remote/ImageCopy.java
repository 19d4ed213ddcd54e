package dev.corten.engine.remote;

import dev.corten.engine.pull.PullMessage;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.registry.client.BlobBody;
import dev.corten.registry.client.RemoteManifest;
import dev.corten.registry.client.Repository;
import dev.corten.store.document.Manifest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// One copy of an image from a repository to another. Blobs go first, several at once, then the
/// manifests that name them, so that the target never names what it does not have.
final class ImageCopy {
    private static final int AT_ONCE = 3;
    private static final int MAX_NESTING = 4;

    private final Repository source;
    private final Repository target;
    private final Consumer<PullMessage> out;
    private final Semaphore permits = new Semaphore(AT_ONCE);

    ImageCopy(Repository source, Repository target, Consumer<PullMessage> out) {
        this.source = source;
        this.target = target;
        this.out = out;
    }

    Digest copy(String tagOrDigest, String as, Optional<Platform> platform)
            throws IOException, InterruptedException {
        RemoteManifest top = source.manifest(tagOrDigest);
        if (platform.isPresent() && parse(top) instanceof Manifest.OfIndex index) {
            top = source.manifest(chosen(index, platform.get()).digest().toString());
        }
        copy(top, as, 0);
        return top.digest();
    }

    private static Manifest parse(RemoteManifest manifest) {
        return Manifest.parse(
                "manifest " + manifest.digest(), manifest.mediaType(), manifest.bytes());
    }

    private static Descriptor chosen(Manifest.OfIndex index, Platform platform) {
        return index.manifests().stream()
                .filter(member -> member.platform().map(platform::covers).orElse(false))
                .findFirst()
                .orElseThrow(() ->
                        new NotFound(
                                "no matching manifest for "
                                        + platform
                                        + " in the manifest list entries"));
    }

    private void copy(RemoteManifest manifest, String as, int depth)
            throws IOException, InterruptedException {
        switch (parse(manifest)) {
            case Manifest.OfIndex index -> {
                if (depth == MAX_NESTING) {
                    throw new InvalidParameter(
                            "index " + manifest.digest() + " is in too many others");
                }
                for (Descriptor member : index.manifests()) {
                    String digest = member.digest().toString();
                    if (target.head(digest).isPresent()) {
                        say(member, "Already exists");
                    } else {
                        copy(source.manifest(digest), digest, depth + 1);
                    }
                }
            }
            case Manifest.OfImage image -> {
                var blobs = new ArrayList<>(image.layers());
                blobs.add(image.config());
                copy(blobs);
            }
            case Manifest.OfSchemaOne _ ->
                    throw new InvalidParameter(
                            "manifest "
                                    + manifest.digest()
                                    + " is of schema 1, which registries do not take any more");
        }
        target.putManifest(as, manifest.mediaType(), manifest.bytes());
        say(manifest.descriptor(), "Copied manifest");
    }

    private void say(Descriptor what, String text) {
        out.accept(new PullMessage.Step(what.digest().hex().substring(0, 12), text));
    }

    private void copy(List<Descriptor> blobs) throws IOException, InterruptedException {
        try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            var copies = new ArrayList<Future<String>>();
            for (Descriptor blob : blobs) {
                say(blob, "Preparing");
                copies.add(workers.submit(() -> copy(blob)));
            }
            boolean done = false;
            try {
                for (int i = 0; i < blobs.size(); i++) {
                    say(blobs.get(i), copies.get(i).get());
                }
                done = true;
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case CortenException refused -> throw refused;
                    case IOException failed -> throw failed;
                    case null, default ->
                            throw new IllegalStateException("cannot copy a blob", e.getCause());
                }
            } finally {
                if (!done) {
                    workers.shutdownNow();
                }
            }
        }
    }

    /// @return what was done
    private String copy(Descriptor blob) throws IOException, InterruptedException {
        if (MediaTypes.isForeign(blob.mediaType())) {
            return "Skipped foreign layer";
        }
        permits.acquire();
        try {
            if (target.has(blob.digest())) {
                return "Already exists";
            }
            if (target.mount(blob.digest(), source.name())) {
                return "Mounted from " + source.name().path();
            }
            target.upload(blob, offset -> open(blob, offset), _ -> {});
            return "Copied";
        } finally {
            permits.release();
        }
    }

    private InputStream open(Descriptor blob, long offset) throws IOException {
        BlobBody body;
        try {
            body = source.blob(blob, offset);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var interrupted = new InterruptedIOException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        }
        var in =
                new FilterInputStream(body.in()) {
                    @Override
                    public void close() {
                        body.close();
                    }
                };
        in.skipNBytes(offset - body.offset());
        return in;
    }
}
