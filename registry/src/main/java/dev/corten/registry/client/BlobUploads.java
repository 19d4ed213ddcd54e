package dev.corten.registry.client;

import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Uploads into one repository: distribution specification, "Pushing blobs".
final class BlobUploads {
    /// What is sent in one request, to be sent as a whole again if that fails.
    private static final long SMALL = 1 << 20;

    private static final String BYTES = "application/octet-stream";

    private final String path;

    /// Uploads that a registry began instead of a mount, by blob.
    private final Map<Digest, URI> begun = new ConcurrentHashMap<>();

    private final UnfinishedUploads unfinished;

    /// @param unfinished of the registry client, for repositories that are made for each push
    BlobUploads(String path, UnfinishedUploads unfinished) {
        this.path = path;
        this.unfinished = unfinished;
    }

    boolean mount(Site site, List<String> scopes, Digest blob, Reference from)
            throws IOException, InterruptedException {
        URI uri =
                site.endpoint()
                        .uri(
                                "/v2/"
                                        + path
                                        + "/blobs/uploads/?mount="
                                        + blob
                                        + "&from="
                                        + from.path());
        try (Answer answer = site.send(Call.of("POST", uri), scopes)) {
            switch (answer.status()) {
                case 201 -> {
                    return true;
                }
                case 202 -> begun.put(blob, location(site, answer));
                case 401, 403, 404, 405 -> {
                    // Not ours to take from there; what we may do here, the upload will show.
                }
                default -> throw RegistryFailure.of(answer);
            }
            return false;
        }
    }

    void upload(
            Site site,
            List<String> scopes,
            Descriptor blob,
            SourceFailures source,
            LongConsumer progress,
            Retries retries)
            throws IOException, InterruptedException {
        var key = new UnfinishedUploads.Key(site.endpoint().base(), path, blob.digest());
        URI mounting = begun.remove(blob.digest());
        URI left = mounting == null ? unfinished.take(key).orElse(null) : null;
        var at = new AtomicReference<@Nullable URI>(left);
        var work = new Work(blob, source, progress, retries, at);
        try {
            Status from;
            if (mounting != null) {
                from = new Status(mounting, 0);
            } else if (left != null) {
                from = status(site, scopes, left, work);
            } else {
                from = new Status(retries.run(true, () -> begin(site, scopes)), 0);
            }
            at.set(from.location());
            send(site, scopes, from, work);
        } catch (TransportFailure | InterruptedException e) {
            leave(key, at.get());
            throw e;
        } catch (RegistryFailure e) {
            if (e.passing()) {
                leave(key, at.get());
            }
            throw e;
        }
    }

    private void leave(UnfinishedUploads.Key key, @Nullable URI location) {
        if (location != null) {
            unfinished.leave(key, location);
        }
    }

    private void send(Site site, List<String> scopes, Status from, Work work)
            throws IOException, InterruptedException {
        Descriptor blob = work.blob();
        if (isSmall(blob) && from.offset() == 0) {
            Call put =
                    Call.of("PUT", finished(from.location(), blob.digest()))
                            .sending(
                                    BYTES,
                                    new Part(work.source(), 0, blob.size(), work.progress()));
            conclude(site, scopes, put);
            return;
        }
        URI sent = content(site, scopes, from, work);
        var asked = new AtomicBoolean();
        work.retries()
                .run(
                        true,
                        () -> {
                            // An answer that was lost may have been a yes.
                            if (!asked.getAndSet(true) || !isThere(site, scopes, blob.digest())) {
                                conclude(
                                        site,
                                        scopes,
                                        Call.of("PUT", finished(sent, blob.digest())));
                            }
                            return true;
                        });
    }

    /// Whether a blob is sent in one request. If not, an upload copes with cuts itself.
    static boolean isSmall(Descriptor blob) {
        return blob.size() <= SMALL;
    }

    private boolean isThere(Site site, List<String> scopes, Digest blob)
            throws IOException, InterruptedException {
        Call call = Call.of("HEAD", site.endpoint().uri("/v2/" + path + "/blobs/" + blob));
        try (Answer answer = site.send(call, scopes)) {
            return answer.status() == 200;
        }
    }

    /// @param at where the upload is now
    private record Work(
            Descriptor blob,
            SourceFailures source,
            LongConsumer progress,
            Retries retries,
            AtomicReference<@Nullable URI> at) {}

    private URI begin(Site site, List<String> scopes) throws IOException, InterruptedException {
        Call call = Call.of("POST", site.endpoint().uri("/v2/" + path + "/blobs/uploads/"));
        try (Answer answer = site.send(call, scopes)) {
            Repository.require(answer, 202);
            return location(site, answer);
        }
    }

    /// Sends all content; where the connection is cut, goes on where the registry says.
    private URI content(Site site, List<String> scopes, Status from, Work work)
            throws IOException, InterruptedException {
        URI location = from.location();
        long offset = from.offset();
        int failures = 0;
        while (offset < work.blob().size()) {
            var part =
                    new Part(work.source(), offset, work.blob().size() - offset, work.progress());
            Call patch = Call.of("PATCH", location).sending(BYTES, part).overHttp1();
            if (offset > 0) {
                patch = patch.with("Content-Range", offset + "-" + (work.blob().size() - 1));
            }
            IOException failure;
            Optional<Duration> asked = Optional.empty();
            try (Answer answer = site.send(patch, scopes)) {
                if (answer.status() == 202 || answer.status() == 204 || answer.status() == 201) {
                    return location(site, answer);
                }
                RegistryFailure refusal = RegistryFailure.of(answer);
                if (!refusal.passing() && refusal.status() != 416) {
                    throw refusal;
                }
                asked = refusal.retryAfter();
                failure = refusal;
            } catch (TransportFailure e) {
                if (work.source().any() || e.kind() == TransportFailure.Kind.FINAL) {
                    throw e;
                }
                failure = e;
            }
            failures++;
            work.retries().after(failures, failure, work.retries().delay(failures, asked));
            Status status = status(site, scopes, location, work);
            if (status.offset() > offset) {
                // There is progress: a bad line may break any number of times.
                failures = 0;
            }
            location = status.location();
            offset = status.offset();
            work.at().set(location);
        }
        return location;
    }

    /// @param offset how much the registry has
    private record Status(URI location, long offset) {}

    /// Asks how far an upload has come; begins anew where the registry has lost it.
    private Status status(Site site, List<String> scopes, URI location, Work work)
            throws IOException, InterruptedException {
        return work.retries()
                .run(
                        true,
                        () -> {
                            try (Answer answer = site.send(Call.of("GET", location), scopes)) {
                                if (answer.status() != 204
                                        && answer.status() != 202
                                        && answer.status() != 200) {
                                    RegistryFailure refusal = RegistryFailure.of(answer);
                                    if (refusal.passing()) {
                                        throw refusal;
                                    }
                                    return new Status(begin(site, scopes), 0);
                                }
                                URI next =
                                        answer.header("Location").isPresent()
                                                ? location(site, answer)
                                                : location;
                                long received = received(answer);
                                return received > 0 && received <= work.blob().size()
                                        ? new Status(next, received)
                                        : new Status(begin(site, scopes), 0);
                            }
                        });
    }

    /// `Range: 0-N`: N is the last byte that is there. An upload without any says `0-0`, like one
    /// with a single byte: which of the two it is cannot be told, so that it is not gone on with.
    private static long received(Answer answer) {
        String range = answer.header("Range").orElse("").strip().replaceFirst("^bytes=", "");
        int dash = range.indexOf('-');
        if (dash < 0) {
            return 0;
        }
        try {
            long last = Long.parseLong(range.substring(dash + 1).strip());
            return last <= 0 ? 0 : last + 1;
        } catch (NumberFormatException e) {
            // It says nothing that could be relied upon.
            return 0;
        }
    }

    private static void conclude(Site site, List<String> scopes, Call put)
            throws IOException, InterruptedException {
        try (Answer answer = site.send(put.overHttp1(), scopes)) {
            Repository.require(answer, 201, 204);
        }
    }

    private static URI finished(URI location, Digest digest) {
        String text = location.toString();
        return URI.create(text + (text.contains("?") ? "&" : "?") + "digest=" + digest);
    }

    /// Where an upload goes on: relative or not, and never to somebody who may not know us.
    private static URI location(Site site, Answer answer) throws RegistryFailure {
        String text = answer.header("Location").orElse("");
        URI uri;
        try {
            uri = answer.uri().resolve(text);
        } catch (IllegalArgumentException e) {
            throw elsewhere(text);
        }
        if (text.isEmpty()) {
            throw elsewhere(text);
        }
        if (Transport.mayKnowUs(site.endpoint().base(), uri)) {
            return uri;
        }
        boolean behindProxy =
                uri.getHost() != null
                        && uri.getHost().equalsIgnoreCase(site.endpoint().base().getHost());
        if (behindProxy) {
            // A registry behind something that speaks TLS for it, which it does not know of.
            return site.endpoint()
                    .uri(
                            uri.getRawPath()
                                    + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery()));
        }
        throw elsewhere(text);
    }

    private static RegistryFailure elsewhere(String location) {
        return new RegistryFailure(
                400, "", "invalid location of an upload: \"" + location + "\"", Optional.empty());
    }

    /// The content from a position on.
    private static final class Part implements Call.Body {
        private final UploadSource source;
        private final long offset;
        private final long length;
        private final LongConsumer progress;
        private volatile long position;

        Part(UploadSource source, long offset, long length, LongConsumer progress) {
            this.source = source;
            this.offset = offset;
            this.length = length;
            this.progress = progress;
            this.position = offset;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public InputStream open() throws IOException {
            position = offset;
            return new FilterInputStream(source.open(offset)) {
                @Override
                public int read(byte[] target, int at, int count) throws IOException {
                    int read = in.read(target, at, count);
                    if (read > 0) {
                        long now = position + read;
                        position = now;
                        progress.accept(now);
                    }
                    return read;
                }
            };
        }
    }
}
