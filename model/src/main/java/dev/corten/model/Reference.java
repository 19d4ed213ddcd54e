package dev.corten.model;

import java.util.Optional;
import java.util.regex.Pattern;

/// The name of an image: `[domain/]path[:tag][@digest]`, as the `distribution/reference` grammar.
///
/// Normalised: `busybox` is `docker.io/library/busybox`. [#toString()] gives the full form,
/// [#familiar()] the short one that Docker shows.
///
/// @param domain the registry's host with its port, `docker.io` unless given
/// @param path the repository inside the registry
public record Reference(String domain, String path, Optional<String> tag, Optional<Digest> digest) {
    public static final String DEFAULT_DOMAIN = "docker.io";
    public static final String DEFAULT_TAG = "latest";

    private static final int MAX_NAME = 255;
    private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
    private static final String PATH_COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
    private static final Pattern PATH =
            Pattern.compile(PATH_COMPONENT + "(?:/" + PATH_COMPONENT + ")*");
    private static final Pattern DOMAIN =
            Pattern.compile(
                    "(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
                            + "(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*"
                            + "|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?");
    private static final Pattern HEX_ID = Pattern.compile("[a-f0-9]{64}");

    public Reference {
        if (!DOMAIN.matcher(domain).matches() || !PATH.matcher(path).matches()) {
            throw new InvalidParameter("invalid reference format");
        }
        if (path.length() > MAX_NAME) {
            throw new InvalidParameter(
                    "repository name must not be more than " + MAX_NAME + " characters");
        }
        tag.ifPresent(t -> {
            if (!TAG.matcher(t).matches()) {
                throw new InvalidParameter("invalid tag format");
            }
        });
    }

    /// Parses what a user types. No tag is added: see [#orLatest()].
    ///
    /// @throws InvalidParameter in Docker's words
    public static Reference parse(String text) {
        if (HEX_ID.matcher(text).matches()) {
            throw new InvalidParameter(
                    "invalid repository name ("
                            + text
                            + "), cannot specify 64-byte hexadecimal strings");
        }
        String rest = text;
        Optional<Digest> digest = Optional.empty();
        int at = rest.indexOf('@');
        if (at >= 0) {
            try {
                digest = Optional.of(Digest.parse(rest.substring(at + 1)));
            } catch (InvalidParameter e) {
                throw new InvalidParameter("invalid reference format", e);
            }
            rest = rest.substring(0, at);
        }
        Optional<String> tag = Optional.empty();
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = Optional.of(rest.substring(colon + 1));
            rest = rest.substring(0, colon);
        }
        int slash = rest.indexOf('/');
        String first = slash < 0 ? "" : rest.substring(0, slash);
        boolean hasDomain =
                first.contains(".")
                        || first.contains(":")
                        || first.equals("localhost")
                        || !first.equals(first.toLowerCase(java.util.Locale.ROOT));
        String domain = hasDomain ? first : DEFAULT_DOMAIN;
        String path = hasDomain ? rest.substring(slash + 1) : rest;
        if (domain.equals("index.docker.io")) {
            domain = DEFAULT_DOMAIN;
        }
        if (domain.equals(DEFAULT_DOMAIN) && !path.contains("/")) {
            path = "library/" + path;
        }
        if (!path.equals(path.toLowerCase(java.util.Locale.ROOT))) {
            throw new InvalidParameter(
                    "invalid reference format: repository name (" + path + ") must be lowercase");
        }
        return new Reference(domain, path, tag, digest);
    }

    /// With the tag `latest` if it has neither tag nor digest.
    public Reference orLatest() {
        return tag.isEmpty() && digest.isEmpty() ? withTag(DEFAULT_TAG) : this;
    }

    public Reference withTag(String newTag) {
        return new Reference(domain, path, Optional.of(newTag), Optional.empty());
    }

    /// Without tag and digest.
    public Reference repository() {
        return new Reference(domain, path, Optional.empty(), Optional.empty());
    }

    /// `docker.io/library/busybox` as `busybox`: what Docker prints.
    public String familiarRepository() {
        if (!domain.equals(DEFAULT_DOMAIN)) {
            return domain + "/" + path;
        }
        String library = "library/";
        boolean official = path.startsWith(library) && path.indexOf('/', library.length()) < 0;
        return official ? path.substring(library.length()) : path;
    }

    /// The short form with tag and digest.
    public String familiar() {
        return familiarRepository() + suffix();
    }

    private String suffix() {
        return tag.map(t -> ":" + t).orElse("") + digest.map(d -> "@" + d).orElse("");
    }

    @Override
    public String toString() {
        return domain + "/" + path + suffix();
    }
}
