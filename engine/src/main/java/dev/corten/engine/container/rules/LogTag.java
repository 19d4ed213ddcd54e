package dev.corten.engine.container.rules;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The log option `tag`: a text with places for what belongs to a container, `{{.Name}}`.
public final class LogTag {
    private static final Pattern PLACE = Pattern.compile("\\{\\{\\s*\\.(\\w+)\\s*}}");
    private static final Pattern TAG = Pattern.compile("([^{}]|" + PLACE + ")*");
    private static final List<String> PLACES =
            List.of("ID", "FullID", "Name", "ImageID", "ImageFullID", "ImageName", "DaemonName");

    private LogTag() {}

    /// Whether it can be read: templates with more than places cannot.
    static boolean isKnown(String tag) {
        return TAG.matcher(tag).matches()
                && PLACE.matcher(tag).results().allMatch(m -> PLACES.contains(m.group(1)));
    }

    /// @param content of the places
    public static String filled(String tag, UnaryOperator<String> content) {
        return PLACE.matcher(tag)
                .replaceAll(m -> Matcher.quoteReplacement(content.apply(m.group(1))));
    }
}
