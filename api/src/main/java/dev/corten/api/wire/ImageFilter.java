package dev.corten.api.wire;

import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import dev.corten.model.image.Image;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// The filters of the image list.
public final class ImageFilter {
    private final Filters filters;
    private final List<Pattern> names;
    private final @Nullable Instant before;
    private final @Nullable Instant since;
    private final @Nullable Instant until;

    private ImageFilter(
            Filters filters,
            List<Pattern> names,
            @Nullable Instant before,
            @Nullable Instant since,
            @Nullable Instant until) {
        this.filters = filters;
        this.names = names;
        this.before = before;
        this.since = since;
        this.until = until;
    }

    /// Checks the filters.
    ///
    /// @param find finds the images that `before` and `since` name
    /// @param now what a duration in `until` is before
    public static ImageFilter parse(Filters filters, Function<String, Image> find, Instant now) {
        filters.allowing("dangling", "label", "before", "since", "reference", "until");
        return new ImageFilter(
                filters,
                filters.get("reference").stream().map(ImageFilter::glob).toList(),
                created(filters, "before", find),
                created(filters, "since", find),
                filters.get("until").stream()
                        .map(time -> FilterTime.parse(time, now))
                        .min(Instant::compareTo)
                        .orElse(null));
    }

    private static @Nullable Instant created(
            Filters filters, String key, Function<String, Image> find) {
        return filters.get(key).stream()
                .map(find)
                .map(ImageFilter::created)
                .findFirst()
                .orElse(null);
    }

    private static Instant created(Image image) {
        return image.created().orElse(GoTime.ZERO);
    }

    /// As Go's `path.Match`: `*` and `?` stand for anything but a slash, `[a-z]` and `[^a-z]` for one
    /// character, a backslash takes the meaning from the next one.
    private static Pattern glob(String pattern) {
        var regex = new StringBuilder();
        int i = 0;
        while (i < pattern.length()) {
            char c = pattern.charAt(i++);
            switch (c) {
                case '*' -> regex.append("[^/]*");
                case '?' -> regex.append("[^/]");
                case '[' -> i = range(pattern, i, regex);
                case '\\' -> {
                    if (i == pattern.length()) {
                        throw malformed();
                    }
                    regex.append(Pattern.quote(String.valueOf(pattern.charAt(i++))));
                }
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        try {
            return Pattern.compile(regex.toString());
        } catch (PatternSyntaxException e) {
            throw malformed();
        }
    }

    /// @return where the pattern goes on
    private static int range(String pattern, int start, StringBuilder regex) {
        int end = pattern.indexOf(']', start + 1);
        boolean negated = pattern.startsWith("^", start);
        if (end < 0 || (negated && end == start + 1)) {
            throw malformed();
        }
        regex.append(negated ? "[^" : "[");
        for (int i = negated ? start + 1 : start; i < end; i++) {
            char c = pattern.charAt(i);
            boolean plain = Character.isLetterOrDigit(c) || c == '-';
            regex.append(plain ? "" : "\\").append(c == '\\' ? "" : c);
        }
        regex.append(']');
        return end + 1;
    }

    private static InvalidParameter malformed() {
        return new InvalidParameter("syntax error in pattern");
    }

    /// The image, with only those names that are asked for; empty if it does not pass.
    public Optional<Image> apply(Image image) {
        Map<String, String> labels = Objects.requireNonNullElse(image.config().labels(), Map.of());
        boolean dangling = image.repoTags().isEmpty() && image.repoDigests().isEmpty();
        boolean passes =
                (!filters.has("dangling") || filters.flag("dangling", false) == dangling)
                        && filters.matchesLabels("label", labels)
                        && (before == null || created(image).isBefore(before))
                        && (since == null || created(image).isAfter(since))
                        && (until == null || created(image).isBefore(until));
        if (!passes) {
            return Optional.empty();
        }
        if (names.isEmpty()) {
            return Optional.of(image);
        }
        List<Reference> tags = image.repoTags().stream().filter(this::isNamed).toList();
        List<Reference> digests = image.repoDigests().stream().filter(this::isNamed).toList();
        return tags.isEmpty() && digests.isEmpty()
                ? Optional.empty()
                : Optional.of(withNames(image, tags, digests));
    }

    private boolean isNamed(Reference reference) {
        return names.stream()
                .anyMatch(name ->
                        name.matcher(reference.familiar()).matches()
                                || name.matcher(reference.familiarRepository()).matches());
    }

    private static Image withNames(Image image, List<Reference> tags, List<Reference> digests) {
        return new Image(
                image.id(),
                tags,
                digests,
                image.parent(),
                image.comment(),
                image.created(),
                image.author(),
                image.dockerVersion(),
                image.platform(),
                image.osVersion(),
                image.size(),
                image.diffIds(),
                image.chainId(),
                image.config(),
                image.history(),
                image.lastTagTime());
    }
}
