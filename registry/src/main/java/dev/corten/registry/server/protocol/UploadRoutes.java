package dev.corten.registry.server.protocol;

import dev.corten.http.Headers;
import dev.corten.http.Query;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import dev.corten.registry.server.event.EventTarget;
import dev.corten.registry.server.storage.Quotas;
import dev.corten.registry.server.storage.Repository;
import dev.corten.registry.server.storage.UploadWriter;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Blobs on their way in: at once, in one piece, in chunks, or from another repository.
final class UploadRoutes {
    private static final Pattern RANGE =
            Pattern.compile("(?:bytes[ =])?(\\d{1,18})-(\\d{1,18})(?:/.*)?");

    private final Services services;

    UploadRoutes(Services services) {
        this.services = services;
    }

    // ---- POST ------------------------------------------------------------------------------

    void start(Call call, RepositoryName name) throws IOException {
        Query query = call.exchange().query();
        if (query.has("mount") && mounted(call, name, query)) {
            return;
        }
        String digest = query.text("digest");
        if (!digest.isEmpty()) {
            Digest expected = digest(digest);
            String id = services.storage().uploads().start(name);
            complete(call, name, id, expected);
            return;
        }
        String id = services.storage().uploads().start(name);
        call.empty(202, progress(call, name, id, 0));
    }

    private boolean mounted(Call call, RepositoryName name, Query query) throws IOException {
        Digest digest = digest(query.text("mount"));
        Optional<RepositoryName> from =
                Optional.of(query.text("from"))
                        .filter(RepositoryName::isValid)
                        .map(RepositoryName::new);
        boolean here;
        if (from.isPresent()) {
            here = services.storage().repository(from.get()).holdLayer(digest);
        } else {
            here = !query.has("from") && services.anyMount() && isLayer(digest);
        }
        if (!here) {
            return false;
        }
        Repository repository = services.storage().repository(name);
        long size = services.storage().blobs().size(digest).orElse(0);
        boolean known = repository.hasLayer(digest);
        if (!known) {
            services.quotas().admit(repository, size);
        }
        link(repository, digest, known);
        call.empty(201, created(call, name, digest));
        services.events()
                .send(
                        "mount",
                        new EventTarget(
                                "application/octet-stream",
                                digest.toString(),
                                size,
                                name.path(),
                                call.base() + "/v2/" + name + "/blobs/" + digest,
                                "",
                                from.map(RepositoryName::path).orElse("")),
                        call.asEvent());
        return true;
    }

    /// Manifests are blobs on disk too, but not to be had as blobs.
    private boolean isLayer(Digest digest) throws IOException {
        return services.storage().blobs().use(digest);
    }

    // ---- GET, PATCH, PUT, DELETE -----------------------------------------------------------

    void status(Call call, RepositoryName name, String id) throws IOException {
        long size = services.storage().uploads().size(name, id);
        call.empty(204, progress(call, name, id, size));
    }

    void append(Call call, RepositoryName name, String id) throws IOException {
        long size;
        try (UploadWriter writer = services.storage().uploads().open(name, id)) {
            Optional<Refusal> refused = outOfOrder(call, writer.size());
            if (refused.isPresent()) {
                call.refuse(refused.get(), progress(call, name, id, writer.size()));
                return;
            }
            append(call, writer, limit(name, writer));
            size = writer.size();
        }
        call.empty(202, progress(call, name, id, size));
    }

    void finish(Call call, RepositoryName name, String id) throws IOException {
        String digest = call.exchange().query().text("digest");
        if (digest.isEmpty()) {
            throw new Refusal(ErrorCode.DIGEST_INVALID).with("digest missing");
        }
        complete(call, name, id, digest(digest));
    }

    private void complete(Call call, RepositoryName name, String id, Digest expected)
            throws IOException {
        long size;
        // What is here already takes no more room.
        boolean known = services.storage().repository(name).hasLayer(expected);
        try (UploadWriter writer = services.storage().uploads().open(name, id)) {
            Optional<Refusal> refused = outOfOrder(call, writer.size());
            if (refused.isPresent()) {
                call.refuse(refused.get(), progress(call, name, id, writer.size()));
                return;
            }
            append(call, writer, known ? Long.MAX_VALUE : limit(name, writer));
            size = writer.size();
            writer.commit(expected);
        } catch (Refusal e) {
            // What has come is of no use to anybody.
            if (e.code() == ErrorCode.DIGEST_INVALID || e.code() == ErrorCode.DENIED) {
                services.storage().uploads().cancel(name, id);
            }
            throw e;
        }
        try {
            link(services.storage().repository(name), expected, known);
        } finally {
            services.storage().uploads().cancel(name, id);
        }
        call.empty(201, created(call, name, expected));
        services.events()
                .send("push", BlobRoutes.target(call, name, expected, size), call.asEvent());
    }

    /// @param known whether the repository had it before
    private void link(Repository repository, Digest digest, boolean known) throws IOException {
        repository.linkLayer(digest);
        if (!known && !services.quotas().holds(repository)) {
            repository.unlinkLayer(digest);
            throw Quotas.exceeded();
        }
    }

    void cancel(Call call, RepositoryName name, String id) throws IOException {
        services.storage().uploads().cancel(name, id);
        call.empty(204, Headers.of("Docker-Upload-UUID", id));
    }

    /// @throws Refusal if it is not as long as its range says; nothing of it stays then
    private static void append(Call call, UploadWriter writer, long limit) throws IOException {
        long before = writer.size();
        writer.append(call.exchange().body(), limit);
        String range = call.headers().first("Content-Range");
        if (range == null) {
            return;
        }
        Matcher bounds = RANGE.matcher(range.strip());
        if (bounds.matches() && Long.parseLong(bounds.group(2)) != writer.size() - 1) {
            writer.shorten(before);
            throw new Refusal(ErrorCode.SIZE_INVALID);
        }
    }

    /// What the upload may have in all: the bytes that it has are counted as the repository's.
    private long limit(RepositoryName name, UploadWriter writer) throws IOException {
        long room = services.quotas().room(name);
        return room == Quotas.UNLIMITED ? room : room + writer.size();
    }

    /// Whether a chunk does not begin where the upload has come to.
    private static Optional<Refusal> outOfOrder(Call call, long size) {
        String range = call.headers().first("Content-Range");
        if (range == null) {
            return Optional.empty();
        }
        Matcher bounds = RANGE.matcher(range.strip());
        if (!bounds.matches()) {
            return Optional.of(new Refusal(ErrorCode.RANGE_INVALID));
        }
        long start = Long.parseLong(bounds.group(1));
        long end = Long.parseLong(bounds.group(2));
        if (start != size || end < start) {
            return Optional.of(new Refusal(ErrorCode.RANGE_INVALID));
        }
        String length = call.headers().first("Content-Length");
        if (length != null && Long.parseLong(length.strip()) != end - start + 1) {
            return Optional.of(new Refusal(ErrorCode.SIZE_INVALID));
        }
        return Optional.empty();
    }

    private static Headers progress(Call call, RepositoryName name, String id, long size) {
        return Headers.of(
                "Docker-Upload-UUID",
                id,
                "Location",
                call.location("/v2/" + name + "/blobs/uploads/" + id),
                "Range",
                "0-" + Math.max(0, size - 1));
    }

    private static Headers created(Call call, RepositoryName name, Digest digest) {
        return Headers.of(
                "Docker-Content-Digest",
                digest.toString(),
                "Location",
                call.location("/v2/" + name + "/blobs/" + digest));
    }

    private static Digest digest(String text) {
        try {
            return Digest.parse(text);
        } catch (InvalidParameter e) {
            throw new Refusal(ErrorCode.DIGEST_INVALID).with(e.message());
        }
    }
}
