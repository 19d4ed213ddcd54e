package dev.corten.registry.client;

import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/// A repository of a registry. Its calls may be made beside each other.
///
/// What is worth it is tried again, after a while; a mirror that fails gives way to the next one.
/// Failures are [CortenException]s in Docker's words, with the cause that [RegistryClient#unreachable]
/// knows.
public final class Repository {
    private static final String PULL = "pull";
    private static final String PUSH = "pull,push";
    private static final int MANIFEST_ATTEMPTS = 3;
    private static final int MAX_PAGES = 10_000;
    private static final int MAX_PAGE = 4 << 20;
    private static final String ACCEPT =
            String.join(
                    ", ",
                    MediaTypes.OCI_INDEX,
                    MediaTypes.OCI_MANIFEST,
                    MediaTypes.DOCKER_LIST,
                    MediaTypes.DOCKER_MANIFEST,
                    MediaTypes.DOCKER_SCHEMA_1,
                    MediaTypes.DOCKER_SCHEMA_1_UNSIGNED,
                    "application/json");

    private final Reference name;
    private final Sites sites;
    private final Retries retries;
    private final boolean pushing;
    private final BlobUploads uploads;

    Repository(
            Reference name,
            Sites sites,
            Retries retries,
            boolean pushing,
            UnfinishedUploads unfinished) {
        this(name, sites, retries, pushing, new BlobUploads(name.path(), unfinished));
    }

    private Repository(
            Reference name, Sites sites, Retries retries, boolean pushing, BlobUploads uploads) {
        this.name = name.repository();
        this.sites = sites;
        this.retries = retries;
        this.pushing = pushing;
        this.uploads = uploads;
    }

    /// The same, which says when something is tried again.
    public Repository telling(Consumer<RetryNotice> listener) {
        return new Repository(name, sites, retries.telling(listener), pushing, uploads);
    }

    /// Without tag and digest.
    public Reference name() {
        return name;
    }

    /// Makes sure that the registry can be reached; it may still refuse everything.
    public void reach() throws InterruptedException {
        ask(name, retries.atMost(1), false, _ -> true);
    }

    private List<String> scopes(String actions) {
        return List.of("repository:" + name.path() + ":" + actions);
    }

    private List<String> scopes() {
        return scopes(pushing ? PUSH : PULL);
    }

    private String path(String rest) {
        return "/v2/" + name.path() + "/" + rest;
    }

    // ---- manifests -----------------------------------------------------------------------------

    /// @param tagOrDigest either
    /// @throws NotFound in Docker's words
    public RemoteManifest manifest(String tagOrDigest) throws InterruptedException {
        Reference asked = reference(tagOrDigest);
        return ask(
                asked,
                retries.atMost(MANIFEST_ATTEMPTS),
                false,
                site -> {
                    Call call =
                            Call.of("GET", site.endpoint().uri(path("manifests/" + tagOrDigest)))
                                    .with("Accept", ACCEPT);
                    // Docker asks for a tag by HEAD first: its messages name that request.
                    String named = asked.digest().isPresent() ? "GET" : "HEAD";
                    try (Answer answer = site.send(call, scopes(), named)) {
                        require(answer, 200);
                        byte[] bytes = answer.document("manifest", Json.MAX_DOCUMENT);
                        return verified(asked, answer, bytes);
                    }
                });
    }

    private static RemoteManifest verified(Reference asked, Answer answer, byte[] bytes)
            throws RegistryFailure {
        String mediaType = mediaType(answer);
        byte[] payload =
                mediaType.equals(MediaTypes.DOCKER_SCHEMA_1)
                        ? SignedManifest.payload(bytes)
                        : bytes;
        Digest digest = Digest.of(payload);
        Optional<Digest> wanted =
                asked.digest()
                        .or(() ->
                                answer.header("Docker-Content-Digest")
                                        .filter(d -> d.startsWith("sha256:"))
                                        .map(Digest::parse));
        if (wanted.isPresent() && !wanted.get().equals(digest)) {
            throw new RegistryFailure(
                    200,
                    "",
                    "manifest verification failed for digest " + wanted.get(),
                    Optional.empty());
        }
        return new RemoteManifest(mediaType, digest, bytes);
    }

    private static String mediaType(Answer answer) {
        String type = answer.header("Content-Type").orElse("");
        int parameters = type.indexOf(';');
        return (parameters < 0 ? type : type.substring(0, parameters)).strip();
    }

    /// What a tag or digest stands for, without fetching it; empty if it is not there.
    public Optional<Descriptor> head(String tagOrDigest) throws InterruptedException {
        Reference asked = reference(tagOrDigest);
        return ask(
                asked,
                retries.atMost(MANIFEST_ATTEMPTS),
                false,
                site -> {
                    Call call =
                            Call.of("HEAD", site.endpoint().uri(path("manifests/" + tagOrDigest)))
                                    .with("Accept", ACCEPT);
                    try (Answer answer = site.send(call, scopes())) {
                        if (answer.status() == 404) {
                            return Optional.empty();
                        }
                        require(answer, 200);
                        Optional<String> digest = answer.header("Docker-Content-Digest");
                        if (digest.isEmpty()) {
                            return Optional.empty();
                        }
                        return Optional.of(
                                Descriptor.of(
                                        mediaType(answer),
                                        Digest.parse(digest.get()),
                                        answer.length().orElse(0)));
                    }
                });
    }

    /// @return the digest that the registry has it under
    public Digest putManifest(String tagOrDigest, String mediaType, byte[] bytes)
            throws InterruptedException {
        Reference asked = reference(tagOrDigest);
        return ask(
                asked,
                retries,
                true,
                site -> {
                    Call call =
                            Call.of("PUT", site.endpoint().uri(path("manifests/" + tagOrDigest)))
                                    .sending(mediaType, Access.bytes(bytes));
                    try (Answer answer = site.send(call, scopes())) {
                        require(answer, 201, 200, 202);
                        return answer.header("Docker-Content-Digest")
                                .filter(d -> d.startsWith("sha256:"))
                                .map(Digest::parse)
                                .orElseGet(() -> Digest.of(bytes));
                    }
                });
    }

    /// Removes a tag, or a manifest with all its tags.
    public void delete(String tagOrDigest) throws InterruptedException {
        Reference asked = reference(tagOrDigest);
        ask(
                asked,
                retries,
                false,
                site -> {
                    Call call =
                            Call.of(
                                    "DELETE",
                                    site.endpoint().uri(path("manifests/" + tagOrDigest)));
                    try (Answer answer = site.send(call, scopes("delete"))) {
                        require(answer, 202, 200, 204);
                        return true;
                    }
                });
    }

    /// All tags, in the registry's order.
    public List<String> tags() throws InterruptedException {
        return ask(
                name,
                retries.atMost(MANIFEST_ATTEMPTS),
                false,
                site -> {
                    var tags = new ArrayList<String>();
                    Optional<URI> page = Optional.of(site.endpoint().uri(path("tags/list")));
                    for (int i = 0; page.isPresent() && i < MAX_PAGES; i++) {
                        try (Answer answer = site.send(Call.of("GET", page.get()), scopes())) {
                            require(answer, 200);
                            byte[] body = answer.document("the list of tags", MAX_PAGE);
                            List<String> found =
                                    Json.parse("the list of tags", body)
                                            .requireObject()
                                            .texts("tags");
                            if (found != null) {
                                tags.addAll(found);
                            }
                            page = next(site, answer);
                        }
                    }
                    return List.copyOf(tags);
                });
    }

    /// The next page, if there is one and it is the same registry's.
    private static Optional<URI> next(Site site, Answer answer) {
        for (String link : answer.all("Link")) {
            int end = link.indexOf('>');
            if (link.startsWith("<") && end > 0 && link.replace("\"", "").contains("rel=next")) {
                URI next = answer.uri().resolve(link.substring(1, end));
                if (Transport.mayKnowUs(site.endpoint().base(), next)) {
                    return Optional.of(next);
                }
            }
        }
        return Optional.empty();
    }

    /// Manifests that name another one as their subject: signatures, bills of materials. Registries
    /// from before the distribution specification 1.1 have them under a tag.
    public List<Descriptor> referrers(Digest subject) throws InterruptedException {
        List<Descriptor> found = new ArrayList<>();
        boolean known =
                ask(
                        name,
                        retries.atMost(MANIFEST_ATTEMPTS),
                        false,
                        site -> {
                            Optional<URI> page =
                                    Optional.of(site.endpoint().uri(path("referrers/" + subject)));
                            found.clear();
                            for (int i = 0; page.isPresent() && i < MAX_PAGES; i++) {
                                Call call =
                                        Call.of("GET", page.get())
                                                .with("Accept", MediaTypes.OCI_INDEX);
                                try (Answer answer = site.send(call, scopes())) {
                                    if (answer.status() == 404
                                            || !mediaType(answer).equals(MediaTypes.OCI_INDEX)) {
                                        return false;
                                    }
                                    require(answer, 200);
                                    found.addAll(
                                            index(answer.document("referrers", Json.MAX_DOCUMENT)));
                                    page = next(site, answer);
                                }
                            }
                            return true;
                        });
        if (known) {
            return List.copyOf(found);
        }
        try {
            return index(manifest("sha256-" + subject.hex()).bytes());
        } catch (NotFound e) {
            // Nobody has put any.
            return List.of();
        }
    }

    private static List<Descriptor> index(byte[] bytes) {
        return Manifest.parse("referrers", MediaTypes.OCI_INDEX, bytes)
                        instanceof Manifest.OfIndex index
                ? index.manifests()
                : List.of();
    }

    // ---- blobs ---------------------------------------------------------------------------------

    /// A blob from a position on. The caller closes it, and asks again where it was cut.
    ///
    /// @param blob its size is what is expected, if it is larger than 0
    public BlobBody blob(Descriptor blob, long offset) throws InterruptedException {
        return ask(
                name,
                retries,
                true,
                site -> {
                    URI uri = site.endpoint().uri(path("blobs/" + blob.digest()));
                    Answer answer = site.send(ranged(uri, offset), scopes());
                    if (answer.status() == 404 && !blob.urls().isEmpty()) {
                        answer.close();
                        answer = elsewhere(site, blob, offset);
                    }
                    if (answer.status() == 416 && offset > 0) {
                        answer.close();
                        answer = site.send(ranged(uri, 0), scopes());
                    }
                    return opened(blob, answer);
                });
    }

    private static Call ranged(URI uri, long offset) {
        Call call = Call.of("GET", uri).with("Accept-Encoding", "identity").overHttp1();
        return offset > 0 ? call.with("Range", "bytes=" + offset + "-") : call;
    }

    /// Layers that a registry need not have come from where their descriptors say, without anything
    /// that would show who we are.
    private static Answer elsewhere(Site site, Descriptor blob, long offset)
            throws IOException, InterruptedException {
        IOException last = null;
        for (String url : blob.urls()) {
            if (!url.startsWith("https://") && !url.startsWith("http://")) {
                continue;
            }
            try {
                Answer answer = site.sendAnonymously(ranged(URI.create(url), offset));
                if (answer.succeeded()) {
                    return answer;
                }
                try (answer) {
                    last = RegistryFailure.of(answer);
                }
            } catch (TransportFailure e) {
                last = e;
            } catch (IllegalArgumentException e) {
                last = new IOException("invalid URL of a layer: " + url, e);
            }
        }
        throw last != null
                ? last
                : new RegistryFailure(404, "", "no usable URL of a layer", Optional.empty());
    }

    private static BlobBody opened(Descriptor blob, Answer answer) throws IOException {
        try {
            require(answer, 200, 206);
            long begin = answer.status() == 206 ? rangeBegin(answer) : 0;
            OptionalLong length = answer.length();
            long total = length.isPresent() ? begin + length.getAsLong() : -1;
            if (blob.size() > 0) {
                if (total >= 0 && total != blob.size()) {
                    throw new RegistryFailure(
                            answer.status(),
                            "",
                            "blob "
                                    + blob.digest()
                                    + " has "
                                    + total
                                    + " bytes, not "
                                    + blob.size()
                                    + " as its manifest says",
                            Optional.empty());
                }
                total = blob.size();
            }
            return new BlobBody(answer, begin, total);
        } catch (IOException | RuntimeException e) {
            answer.close();
            throw e;
        }
    }

    private static long rangeBegin(Answer answer) throws RegistryFailure {
        String range = answer.header("Content-Range").orElse("").strip();
        int dash = range.indexOf('-');
        if (range.startsWith("bytes ") && dash > 0) {
            try {
                return Long.parseLong(range.substring("bytes ".length(), dash).strip());
            } catch (NumberFormatException e) {
                throw noRange(range);
            }
        }
        throw noRange(range);
    }

    private static RegistryFailure noRange(String range) {
        return new RegistryFailure(
                206, "", "could not parse Content-Range header: " + range, Optional.empty());
    }

    /// Whether the registry has a blob in this repository.
    public boolean has(Digest blob) throws InterruptedException {
        return ask(
                name,
                retries,
                true,
                site -> {
                    Call call = Call.of("HEAD", site.endpoint().uri(path("blobs/" + blob)));
                    try (Answer answer = site.send(call, scopes())) {
                        if (answer.status() == 404) {
                            return false;
                        }
                        require(answer, 200);
                        return true;
                    }
                });
    }

    /// Has a blob of another repository appear in this one.
    ///
    /// @return false if the registry does not have it there, or does not let us
    public boolean mount(Digest blob, Reference from) throws InterruptedException {
        if (!from.domain().equals(name.domain())) {
            return false;
        }
        List<String> both = List.of(scopes(PUSH).getFirst(), "repository:" + from.path() + ":pull");
        return ask(name, retries, true, site -> uploads.mount(site, both, blob, from));
    }

    /// Gives the registry a blob. After a cut it goes on where the registry says.
    ///
    /// @param progress hears how much of the blob has been sent; less than before after a cut
    /// @throws IOException if the source cannot be read
    public void upload(Descriptor blob, UploadSource source, LongConsumer progress)
            throws IOException, InterruptedException {
        var unreadable = new SourceFailures(source);
        try {
            Retries whole = BlobUploads.isSmall(blob) ? retries : retries.atMost(1);
            ask(
                    name,
                    whole,
                    true,
                    site -> {
                        uploads.upload(site, scopes(PUSH), blob, unreadable, progress, retries);
                        return true;
                    });
        } catch (CortenException e) {
            unreadable.rethrow();
            throw e;
        }
    }

    // ---- how they are asked --------------------------------------------------------------------

    private Reference reference(String tagOrDigest) {
        return tagOrDigest.startsWith("sha256:")
                ? new Reference(
                        name.domain(),
                        name.path(),
                        Optional.empty(),
                        Optional.of(Digest.parse(tagOrDigest)))
                : name.withTag(tagOrDigest);
    }

    private <T> T ask(Reference asked, Retries how, boolean patient, Sites.Request<T> request)
            throws InterruptedException {
        try {
            return sites.ask(how, patient, request);
        } catch (RegistryFailure e) {
            throw translate(asked, e);
        } catch (IOException e) {
            throw new Internal(String.valueOf(e.getMessage()), e);
        } catch (InvalidParameter e) {
            // What the registry said makes no sense; that is not the caller's fault.
            throw new Internal(e.message(), e);
        }
    }

    private CortenException translate(Reference asked, RegistryFailure failure) {
        if (!pushing) {
            switch (failure.code()) {
                case RegistryFailure.DENIED -> {
                    return new NotFound(
                            "pull access denied for "
                                    + asked.familiarRepository()
                                    + ", repository does not exist or may require 'docker login': "
                                    + failure.message(),
                            failure);
                }
                case RegistryFailure.MANIFEST_UNKNOWN -> {
                    return new NotFound(
                            "manifest for " + asked.familiar() + " not found: " + failure.message(),
                            failure);
                }
                case RegistryFailure.NAME_UNKNOWN -> {
                    return new NotFound(
                            "repository "
                                    + asked.familiarRepository()
                                    + " not found: "
                                    + failure.message(),
                            failure);
                }
                default -> {
                    // In the registry's own words.
                }
            }
        }
        // A push says why without the request, as Docker's does.
        return pushing ? failure.bare().translated() : failure.translated();
    }

    static void require(Answer answer, int... statuses) throws IOException {
        for (int status : statuses) {
            if (answer.status() == status) {
                return;
            }
        }
        throw RegistryFailure.of(answer);
    }
}
