package dev.corten.registry.server.protocol;

import dev.corten.http.Headers;
import dev.corten.model.Digest;
import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import dev.corten.registry.server.event.EventTarget;
import dev.corten.registry.server.storage.Repository;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.OptionalLong;

/// Blobs.
final class BlobRoutes {
    private final Services services;

    BlobRoutes(Services services) {
        this.services = services;
    }

    void get(Call call, RepositoryName name, Digest digest) throws IOException {
        Repository repository = services.storage().repository(name);
        if (services.upstream().isPresent()
                && !(repository.hasLayer(digest)
                        && services.storage().blobs().size(digest).isPresent())
                && services.upstream().get().blob(name, digest, new Shown(call, digest))) {
            return;
        }
        if (call.method().equals("HEAD")) {
            head(call, repository, digest);
            return;
        }
        if (!repository.hasLayer(digest)) {
            throw unknown(digest);
        }
        try (var file = services.storage().blobs().open(digest)) {
            long size = file.size();
            Headers lines = lines(digest);
            if (Accept.isNoneMatch(call.headers(), digest)) {
                call.empty(304, lines);
                return;
            }
            Optional<ByteRange> range = range(call, digest, size);
            if (range.isPresent()) {
                ByteRange part = range.get();
                call.file(
                        206,
                        lines.with("Content-Range", part.shown(size)),
                        file,
                        part.start(),
                        part.length());
            } else {
                call.file(200, lines, file, 0, size);
            }
            services.events().send("pull", target(call, name, digest, size), call.asEvent());
        } catch (NoSuchFileException _) {
            throw unknown(digest);
        } catch (ByteRange.Unsatisfiable _) {
            long size = services.storage().blobs().size(digest).orElse(0);
            call.refuse(
                    new Refusal(ErrorCode.RANGE_INVALID),
                    Headers.of("Content-Range", "bytes */" + size));
        }
    }

    /// A client that sees that a blob is here relies on it: the collection leaves it alone for a
    /// while.
    private void head(Call call, Repository repository, Digest digest) throws IOException {
        boolean here =
                services.readOnly() ? repository.hasLayer(digest) : repository.useLayer(digest);
        OptionalLong size = services.storage().blobs().size(digest);
        if (!here || size.isEmpty()) {
            throw unknown(digest);
        }
        if (Accept.isNoneMatch(call.headers(), digest)) {
            call.empty(304, lines(digest));
            return;
        }
        call.head(200, lines(digest), size.getAsLong());
    }

    private static Optional<ByteRange> range(Call call, Digest digest, long size)
            throws ByteRange.Unsatisfiable {
        String asked = call.headers().first("Range");
        String condition = call.headers().first("If-Range");
        if (asked == null || condition != null && !condition.equals("\"" + digest + "\"")) {
            return Optional.empty();
        }
        return ByteRange.parse(asked, size);
    }

    void delete(Call call, RepositoryName name, Digest digest) throws IOException {
        Repository repository = services.storage().repository(name);
        if (!repository.unlinkLayer(digest)) {
            throw unknown(digest);
        }
        call.empty(202, Headers.none());
        services.events()
                .send("delete", EventTarget.digest(name.path(), digest.toString()), call.asEvent());
    }

    static EventTarget target(Call call, RepositoryName name, Digest digest, long size) {
        return new EventTarget(
                "application/octet-stream",
                digest.toString(),
                size,
                name.path(),
                call.base() + "/v2/" + name + "/blobs/" + digest,
                "",
                "");
    }

    private static Headers lines(Digest digest) {
        return Headers.of(
                "Accept-Ranges",
                "bytes",
                "Cache-Control",
                "max-age=31536000",
                "Content-Type",
                "application/octet-stream",
                "Docker-Content-Digest",
                digest.toString(),
                "Etag",
                "\"" + digest + "\"");
    }

    private static Refusal unknown(Digest digest) {
        return new Refusal(ErrorCode.BLOB_UNKNOWN).with(digest.toString());
    }

    /// A blob on its way from an upstream.
    private record Shown(Call call, Digest digest) implements Upstream.Answer {
        @Override
        public boolean isPartial() {
            return call.method().equals("HEAD")
                    || call.headers().has("Range")
                    || Accept.isNoneMatch(call.headers(), digest);
        }

        @Override
        public OutputStream begin(long size) {
            return call.stream(200, lines(digest), size);
        }
    }
}
