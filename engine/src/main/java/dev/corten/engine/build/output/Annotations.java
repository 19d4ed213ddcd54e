package dev.corten.engine.build.output;

import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is written into manifests, indexes and what names these, as `--annotation` and
/// `annotation…` of an output ask for it.
final class Annotations {
    private static final Pattern KEY =
            Pattern.compile("(?:([a-z,-]+)(?:\\[([A-Za-z0-9_/-]+)\\])?:)?(\\S+)");
    private static final Pattern ATTRIBUTE =
            Pattern.compile("annotation(?:-([a-z-]+))?(?:\\[([A-Za-z0-9_/-]+)\\])?\\.(\\S+)");

    private enum Kind {
        MANIFEST,
        MANIFEST_DESCRIPTOR,
        INDEX,
        INDEX_DESCRIPTOR
    }

    private record Annotation(Kind kind, Optional<Platform> platform, String key, String value) {}

    private final List<Annotation> all = new ArrayList<>();

    /// @param given those of `--annotation`
    /// @param attributes of the output
    /// @throws InvalidParameter in buildx's words
    Annotations(Map<String, String> given, Map<String, String> attributes) {
        given.forEach((key, value) -> {
            Matcher parts = KEY.matcher(key);
            if (!parts.matches()) {
                throw new InvalidParameter(
                        "parse annotations: invalid annotation \""
                                + key
                                + "\", expected key=value");
            }
            add(parts, value);
        });
        attributes.forEach((key, value) -> {
            Matcher parts = ATTRIBUTE.matcher(key);
            if (parts.matches()) {
                add(parts, value);
            }
        });
    }

    private void add(Matcher parts, String value) {
        String types = parts.group(1) == null ? "manifest" : parts.group(1);
        Optional<Platform> platform = Optional.ofNullable(parts.group(2)).map(Platform::parse);
        for (String type : types.split(",", -1)) {
            all.add(new Annotation(kind(type), platform, parts.group(3), value));
        }
    }

    private static Kind kind(String type) {
        return switch (type) {
            case "manifest" -> Kind.MANIFEST;
            case "manifest-descriptor" -> Kind.MANIFEST_DESCRIPTOR;
            case "index" -> Kind.INDEX;
            case "index-descriptor" -> Kind.INDEX_DESCRIPTOR;
            default ->
                    throw new InvalidParameter(
                            "parse annotations: unknown annotation type \"" + type + "\"");
        };
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /// Whether there has to be an index to hold them.
    boolean needIndex() {
        return all.stream().anyMatch(it -> it.kind() == Kind.INDEX);
    }

    SortedMap<String, String> manifest(Platform platform) {
        return of(Kind.MANIFEST, Optional.of(platform));
    }

    SortedMap<String, String> manifestDescriptor(Platform platform) {
        return of(Kind.MANIFEST_DESCRIPTOR, Optional.of(platform));
    }

    SortedMap<String, String> index() {
        return of(Kind.INDEX, Optional.empty());
    }

    SortedMap<String, String> indexDescriptor() {
        return of(Kind.INDEX_DESCRIPTOR, Optional.empty());
    }

    private SortedMap<String, String> of(Kind kind, Optional<Platform> platform) {
        var found = new TreeMap<String, String>();
        for (Annotation annotation : all) {
            boolean meant =
                    annotation.platform().isEmpty() || annotation.platform().equals(platform);
            if (annotation.kind() == kind && meant) {
                found.put(annotation.key(), annotation.value());
            }
        }
        return found;
    }
}
