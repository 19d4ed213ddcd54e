package dev.corten.registry.server.protocol;

import dev.corten.http.Headers;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import dev.corten.registry.server.event.EventTarget;
import dev.corten.registry.server.storage.Quotas;
import dev.corten.registry.server.storage.Repository;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Manifests by tag and by digest.
final class ManifestRoutes {
    private static final Set<String> KNOWN =
            Set.of(
                    MediaTypes.OCI_MANIFEST,
                    MediaTypes.OCI_INDEX,
                    MediaTypes.DOCKER_MANIFEST,
                    MediaTypes.DOCKER_LIST);

    private final Services services;

    ManifestRoutes(Services services) {
        this.services = services;
    }

    // ---- GET, HEAD -------------------------------------------------------------------------

    void get(Call call, RepositoryName name, String tag) throws IOException {
        if (services.upstream().isPresent()) {
            services.upstream().get().tag(name, tag);
        }
        Repository repository = services.storage().repository(name);
        Digest digest = repository.tag(tag).orElseThrow(() -> unknownTag(tag));
        answer(call, repository, digest, Optional.of(tag));
    }

    void get(Call call, RepositoryName name, Digest digest) throws IOException {
        if (services.upstream().isPresent()) {
            services.upstream().get().manifest(name, digest);
        }
        answer(call, services.storage().repository(name), digest, Optional.empty());
    }

    private void answer(Call call, Repository repository, Digest digest, Optional<String> tag)
            throws IOException {
        byte[] bytes = read(repository, digest);
        ManifestFacts facts = services.facts().of(digest, bytes);
        Digest answered = digest;
        var accept = new Accept(call.headers());
        if (!accept.takes(facts.mediaType())) {
            switch (facts.mediaType()) {
                case MediaTypes.OCI_MANIFEST ->
                        throw unacceptable(
                                "OCI manifest found, but accept header does not support OCI"
                                        + " manifests");
                case MediaTypes.OCI_INDEX ->
                        throw unacceptable(
                                "OCI index found, but accept header does not support OCI indexes");
                case MediaTypes.DOCKER_LIST -> {
                    // For clients from before lists, when they ask by tag.
                    Optional<Digest> usual = tag.isEmpty() ? Optional.empty() : usual(bytes);
                    if (usual.isPresent()) {
                        answered = usual.get();
                        bytes = read(repository, answered);
                        facts = services.facts().of(answered, bytes);
                    }
                }
                default -> {}
            }
        }
        Headers lines =
                Headers.of(
                        "Docker-Content-Digest",
                        answered.toString(),
                        "Etag",
                        "\"" + answered + "\"");
        if (Accept.isNoneMatch(call.headers(), answered)) {
            call.empty(304, lines);
            return;
        }
        String type = facts.mediaType().isEmpty() ? "application/json" : facts.mediaType();
        call.respond(200, Headers.of("Content-Type", type).with(lines), bytes);
        if (call.method().equals("GET")) {
            services.events()
                    .send(
                            "pull",
                            target(call, repository.name(), answered, facts, tag),
                            call.asEvent());
        }
    }

    private static byte[] read(Repository repository, Digest digest) throws IOException {
        return repository
                .manifest(digest, Json.MAX_DOCUMENT)
                .orElseThrow(() -> unknownRevision(repository.name(), digest));
    }

    private static Optional<Digest> usual(byte[] list) {
        if (!(Manifest.parse("manifest", "", list) instanceof Manifest.OfIndex index)) {
            return Optional.empty();
        }
        var usual = new Platform("linux", "amd64", "");
        return index.manifests().stream()
                .filter(m -> m.platform().filter(usual::equals).isPresent())
                .map(Descriptor::digest)
                .findFirst();
    }

    // ---- PUT -------------------------------------------------------------------------------

    void put(Call call, RepositoryName name, Optional<String> tag, Optional<Digest> expected)
            throws IOException {
        byte[] bytes = body(call);
        Digest digest = Digest.of(bytes);
        if (expected.isPresent() && !expected.get().equals(digest)) {
            throw new Refusal(ErrorCode.DIGEST_INVALID)
                    .with("invalid digest for referenced manifest: " + expected.get());
        }
        String contentType = Optional.ofNullable(call.headers().first("Content-Type")).orElse("");
        Manifest manifest = parse(contentType.split(";", 2)[0].strip(), bytes);
        Repository repository = services.storage().repository(name);
        List<Object> missing = check(repository, manifest);
        if (!missing.isEmpty()) {
            throw new Refusal(ErrorCode.MANIFEST_BLOB_UNKNOWN).with(missing.getFirst());
        }
        boolean known = repository.hasManifest(digest);
        if (!known) {
            services.quotas().admit(repository, bytes.length);
        }
        repository.putManifest(digest, bytes);
        if (!known && !services.quotas().holds(repository)) {
            repository.removeManifest(digest);
            throw Quotas.exceeded();
        }
        if (tag.isPresent()) {
            repository.setTag(tag.get(), digest);
        }
        ManifestFacts facts =
                services.facts().add(digest, ManifestFacts.of(manifest, bytes.length));
        Headers lines =
                Headers.of(
                        "Docker-Content-Digest",
                        digest.toString(),
                        "Location",
                        call.location("/v2/" + name + "/manifests/" + digest));
        if (facts.subject().isPresent()) {
            lines = lines.with("OCI-Subject", facts.subject().get().toString());
        }
        call.empty(201, lines);
        services.events().send("push", target(call, name, digest, facts, tag), call.asEvent());
    }

    private static byte[] body(Call call) throws IOException {
        String stated = call.headers().first("Content-Length");
        if (stated != null && Long.parseLong(stated.strip()) > Json.MAX_DOCUMENT) {
            throw tooLarge();
        }
        byte[] bytes = call.exchange().body().readNBytes(Json.MAX_DOCUMENT + 1);
        if (bytes.length > Json.MAX_DOCUMENT) {
            throw tooLarge();
        }
        return bytes;
    }

    private static Refusal tooLarge() {
        return new Refusal(
                        ErrorCode.MANIFEST_INVALID,
                        "manifest is larger than " + Json.MAX_DOCUMENT + " bytes")
                .withStatus(413);
    }

    private static Manifest parse(String contentType, byte[] bytes) {
        Manifest manifest;
        try {
            manifest = Manifest.parse("manifest", contentType, bytes);
        } catch (InvalidParameter e) {
            throw new Refusal(ErrorCode.MANIFEST_INVALID).with(e.message());
        }
        boolean said = contentType.isEmpty() || contentType.equals("application/json");
        if (!KNOWN.contains(manifest.mediaType()) || !said && !KNOWN.contains(contentType)) {
            throw new Refusal(ErrorCode.MANIFEST_INVALID)
                    .with("unsupported manifest media type: " + manifest.mediaType());
        }
        return manifest;
    }

    /// Whether everything is here that it refers to, which is kept from being collected thereby. A
    /// subject need not be there.
    private List<Object> check(Repository repository, Manifest manifest) throws IOException {
        var missing = new ArrayList<Object>();
        switch (manifest) {
            case Manifest.OfImage image -> {
                var needed = new ArrayList<Descriptor>(image.layers());
                needed.add(image.config());
                for (Descriptor blob : needed) {
                    boolean elsewhere =
                            MediaTypes.isForeign(blob.mediaType()) && !blob.urls().isEmpty();
                    if (elsewhere) {
                        requireUrls(blob);
                    }
                    if (!repository.holdLayer(blob.digest()) && !elsewhere) {
                        missing.add(Map.of("digest", blob.digest().toString()));
                    }
                }
            }
            case Manifest.OfIndex index -> {
                for (Descriptor child : index.manifests()) {
                    if (!repository.holdManifest(child.digest())
                            && !repository.holdLayer(child.digest())) {
                        missing.add(Map.of("digest", child.digest().toString()));
                    }
                }
            }
            case Manifest.OfSchemaOne _ -> {}
        }
        return missing;
    }

    private static void requireUrls(Descriptor blob) {
        for (String url : blob.urls()) {
            boolean good;
            try {
                URI uri = URI.create(url);
                good =
                        ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                                && uri.getHost() != null
                                && uri.getFragment() == null;
            } catch (IllegalArgumentException _) {
                good = false;
            }
            if (!good) {
                throw new Refusal(ErrorCode.MANIFEST_INVALID).with("invalid URL on layer");
            }
        }
    }

    // ---- DELETE ----------------------------------------------------------------------------

    void delete(Call call, RepositoryName name, String tag) throws IOException {
        Repository repository = services.storage().repository(name);
        if (!repository.removeTag(tag)) {
            throw unknownTag(tag);
        }
        call.empty(202, Headers.none());
        services.events().send("delete", EventTarget.tag(name.path(), tag), call.asEvent());
    }

    void delete(Call call, RepositoryName name, Digest digest) throws IOException {
        Repository repository = services.storage().repository(name);
        if (!repository.hasManifest(digest)) {
            throw unknownRevision(name, digest);
        }
        // Tags first: none names what is not there.
        for (String tag : repository.tagsOf(digest)) {
            repository.removeTag(tag);
        }
        repository.removeManifest(digest);
        call.empty(202, Headers.none());
        services.events()
                .send("delete", EventTarget.digest(name.path(), digest.toString()), call.asEvent());
    }

    // ---- referrers -------------------------------------------------------------------------

    /// All manifests of the repository that name this one as their subject.
    void referrers(Call call, RepositoryName name, Digest subject) throws IOException {
        Optional<String> filter =
                Optional.ofNullable(call.exchange().query().first("artifactType"))
                        .filter(type -> !type.isEmpty());
        Repository repository = services.storage().repository(name);
        var found = new ArrayList<Map<String, Object>>();
        for (Digest digest : repository.manifests()) {
            Optional<ManifestFacts> facts = services.facts().find(digest);
            if (facts.isEmpty()) {
                facts =
                        repository
                                .manifest(digest, Json.MAX_DOCUMENT)
                                .map(bytes -> services.facts().of(digest, bytes));
            }
            if (facts.isEmpty() || !facts.get().subject().equals(Optional.of(subject))) {
                continue;
            }
            if (filter.isEmpty() || filter.get().equals(facts.get().artifactType())) {
                found.add(descriptor(digest, facts.get()));
            }
        }
        var index = new HashMap<String, Object>();
        index.put("schemaVersion", 2);
        index.put("mediaType", MediaTypes.OCI_INDEX);
        index.put("manifests", found);
        Headers lines = Headers.of("Content-Type", MediaTypes.OCI_INDEX);
        if (filter.isPresent()) {
            lines = lines.with("OCI-Filters-Applied", "artifactType");
        }
        call.respond(200, lines, Call.bytesOf(index));
    }

    private static Map<String, Object> descriptor(Digest digest, ManifestFacts facts) {
        var descriptor = new java.util.LinkedHashMap<String, Object>();
        descriptor.put("mediaType", facts.mediaType());
        descriptor.put("digest", digest.toString());
        descriptor.put("size", facts.size());
        if (!facts.annotations().isEmpty()) {
            descriptor.put("annotations", facts.annotations());
        }
        if (!facts.artifactType().isEmpty()) {
            descriptor.put("artifactType", facts.artifactType());
        }
        return descriptor;
    }

    // ---- what they share -------------------------------------------------------------------

    private EventTarget target(
            Call call,
            RepositoryName name,
            Digest digest,
            ManifestFacts facts,
            Optional<String> tag) {
        return new EventTarget(
                facts.mediaType(),
                digest.toString(),
                facts.size(),
                name.path(),
                call.base() + "/v2/" + name + "/manifests/" + digest,
                tag.orElse(""),
                "");
    }

    private static Refusal unknownTag(String tag) {
        return new Refusal(ErrorCode.MANIFEST_UNKNOWN).with(Map.of("Tag", tag));
    }

    private static Refusal unknownRevision(RepositoryName name, Digest digest) {
        return new Refusal(ErrorCode.MANIFEST_UNKNOWN)
                .with(Map.of("Name", name.path(), "Revision", digest.toString()));
    }

    private static Refusal unacceptable(String why) {
        return new Refusal(ErrorCode.MANIFEST_UNKNOWN, why);
    }
}
