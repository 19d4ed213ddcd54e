package dev.corten.engine.pull;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.image.Descriptor;
import dev.corten.store.document.Manifest;
import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// The manifest of one image, as a name led to it.
///
/// @param documents on the way to it, itself last
/// @param manifest of an image, or of schema 1
public record Choice(List<StoredManifest> documents, Manifest manifest) {
    private static final int MAX_NESTING = 4;

    /// Types of configurations and layers that images have or once had, and what Docker takes for
    /// such: an artifact shall not end in an obscure error.
    private static final List<String> TYPES =
            List.of(
                    "application/vnd.oci.image",
                    "application/vnd.docker",
                    "application/octet-stream",
                    "application/json",
                    "text/html",
                    "");

    public Choice {
        documents = List.copyOf(documents);
    }

    /// Of the image's manifest.
    Digest digest() {
        return documents.getLast().descriptor().digest();
    }

    /// Goes from what a name stands for to the manifest of one platform.
    ///
    /// @param platform this host's if it is left out; one image alone is taken whatever it is for
    /// @throws NotFound if there is none for it, in Docker's words
    /// @throws InvalidParameter if it is no image
    public static Choice of(ManifestSource source, StoredManifest top, Optional<Platform> platform)
            throws IOException, InterruptedException {
        Platform wanted = platform.orElse(Platform.host());
        var documents = new ArrayList<StoredManifest>();
        var seen = new HashSet<Digest>();
        StoredManifest at = top;
        while (true) {
            Descriptor here = at.descriptor();
            Manifest manifest =
                    Manifest.parse("manifest " + here.digest(), here.mediaType(), at.bytes());
            documents.add(
                    new StoredManifest(
                            Descriptor.of(manifest.mediaType(), here.digest(), here.size()),
                            at.bytes()));
            switch (manifest) {
                case Manifest.OfIndex index ->
                        at = source.manifest(next(index, here, wanted, seen));
                case Manifest.OfImage image -> {
                    check(image.config().mediaType());
                    image.layers().forEach(layer -> check(layer.mediaType()));
                    return new Choice(documents, image);
                }
                case Manifest.OfSchemaOne old -> {
                    return new Choice(documents, old);
                }
            }
        }
    }

    private static String next(
            Manifest.OfIndex index, Descriptor here, Platform wanted, Set<Digest> seen) {
        if (!seen.add(here.digest()) || seen.size() > MAX_NESTING) {
            throw new InvalidParameter(
                    "index "
                            + here.digest()
                            + " contains itself, or too many others in each other");
        }
        return member(index, wanted)
                .orElseThrow(() ->
                        new NotFound(
                                "no matching manifest for "
                                        + wanted
                                        + " in the manifest list entries"))
                .digest()
                .toString();
    }

    private static Optional<Descriptor> member(Manifest.OfIndex index, Platform wanted) {
        for (Platform candidate : candidates(wanted)) {
            for (Descriptor member : index.manifests()) {
                if (member.platform().map(candidate::covers).orElse(false)) {
                    return Optional.of(member);
                }
            }
        }
        // What does not say for which platform it is: an index in the index, or the only image.
        return index.manifests().stream().filter(m -> m.platform().isEmpty()).findFirst();
    }

    /// What runs on a platform, the best first.
    private static List<Platform> candidates(Platform wanted) {
        return switch (wanted.architecture()) {
            case "amd64" -> List.of(wanted, new Platform(wanted.os(), "386", ""));
            case "arm64" -> List.of(wanted, new Platform(wanted.os(), "arm", ""));
            default -> List.of(wanted);
        };
    }

    private static void check(String mediaType) {
        String type = mediaType.toLowerCase(Locale.ROOT);
        if (type.startsWith("application/vnd.docker.plugin")
                || TYPES.stream().noneMatch(c -> type.equals(c) || type.startsWith(c + "."))) {
            throw new InvalidParameter("unsupported media type " + mediaType);
        }
    }
}
