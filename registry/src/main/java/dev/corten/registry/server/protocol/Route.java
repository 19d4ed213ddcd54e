package dev.corten.registry.server.protocol;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import java.util.Map;
import java.util.Optional;

/// What a path is about.
sealed interface Route {
    /// `/v2/`
    record Base() implements Route {}

    /// `/v2/_catalog`
    record Catalog() implements Route {}

    /// `/v2/<name>/tags/list`
    record Tags(RepositoryName name) implements Route {}

    /// `/v2/<name>/manifests/<tag>`
    record ByTag(RepositoryName name, String tag) implements Route {}

    /// `/v2/<name>/manifests/<digest>`
    record ByDigest(RepositoryName name, Digest digest) implements Route {}

    /// `/v2/<name>/blobs/<digest>`
    record Blob(RepositoryName name, Digest digest) implements Route {}

    /// `/v2/<name>/blobs/uploads/`
    record Uploads(RepositoryName name) implements Route {}

    /// `/v2/<name>/blobs/uploads/<id>`
    record Upload(RepositoryName name, String id) implements Route {}

    /// `/v2/<name>/referrers/<digest>`
    record Referrers(RepositoryName name, Digest digest) implements Route {}

    /// What metrics call it, as Docker Registry does.
    default String handler() {
        return switch (this) {
            case Base() -> "base";
            case Catalog() -> "catalog";
            case Tags _ -> "tags";
            case ByTag _, ByDigest _ -> "manifest";
            case Blob _ -> "blob";
            case Uploads _ -> "blob_upload";
            case Upload _ -> "blob_upload_chunk";
            case Referrers _ -> "referrers";
        };
    }

    /// The methods it knows, as `Allow` lists them.
    default String methods() {
        return switch (this) {
            case Base(), Catalog(), Tags _, Referrers _ -> "GET, HEAD";
            case ByTag _, ByDigest _ -> "DELETE, GET, HEAD, PUT";
            case Blob _ -> "DELETE, GET, HEAD";
            case Uploads _ -> "POST";
            case Upload _ -> "DELETE, GET, HEAD, PATCH, PUT";
        };
    }

    /// Reads a path; empty if it is none of the protocol.
    ///
    /// @throws Refusal if a name, tag or digest in it cannot be one
    static Optional<Route> parse(String path) {
        if (path.equals("/v2/")) {
            return Optional.of(new Base());
        }
        if (!path.startsWith("/v2/")) {
            return Optional.empty();
        }
        String rest = path.substring("/v2/".length());
        if (rest.equals("_catalog")) {
            return Optional.of(new Catalog());
        }
        if (rest.endsWith("/tags/list")) {
            return Optional.of(new Tags(name(rest, "/tags/list")));
        }
        if (rest.endsWith("/blobs/uploads/") || rest.endsWith("/blobs/uploads")) {
            return Optional.of(
                    new Uploads(name(rest, rest.substring(rest.lastIndexOf("/blobs/uploads")))));
        }
        int slash = rest.lastIndexOf('/');
        if (slash < 0) {
            return Optional.empty();
        }
        String last = rest.substring(slash + 1);
        String before = rest.substring(0, slash);
        if (before.endsWith("/blobs/uploads")) {
            return Optional.of(new Upload(name(before, "/blobs/uploads"), last));
        }
        if (before.endsWith("/blobs")) {
            return Optional.of(new Blob(name(before, "/blobs"), digest(last)));
        }
        if (before.endsWith("/referrers")) {
            return Optional.of(new Referrers(name(before, "/referrers"), digest(last)));
        }
        if (before.endsWith("/manifests")) {
            RepositoryName name = name(before, "/manifests");
            if (last.contains(":")) {
                return Optional.of(new ByDigest(name, digest(last)));
            }
            if (!RepositoryName.isTag(last)) {
                throw new Refusal(ErrorCode.TAG_INVALID)
                        .with(Map.of("tag", last.substring(0, Math.min(last.length(), 128))));
            }
            return Optional.of(new ByTag(name, last));
        }
        return Optional.empty();
    }

    private static RepositoryName name(String path, String suffix) {
        return new RepositoryName(path.substring(0, path.length() - suffix.length()));
    }

    private static Digest digest(String text) {
        try {
            return Digest.parse(text);
        } catch (InvalidParameter e) {
            throw new Refusal(ErrorCode.DIGEST_INVALID).with(e.message());
        }
    }
}
