package dev.corten.systests;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Takes out of a session's output what is another at each run. What was different stays different:
/// the second ID that appears is `<id2>` wherever it appears again, in full or in short.
final class Normaliser {
    private static final Pattern ID = Pattern.compile("\\b([0-9a-f]{64}|[0-9a-f]{12})\\b");
    private static final Pattern MAC = Pattern.compile("\\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\\b");
    private static final Pattern UUID =
            Pattern.compile("\\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b");
    private static final Pattern TIME =
            Pattern.compile(
                    "\\b(\\d{4}-\\d\\d-\\d\\d)[T ]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?"
                            + "(Z|[+-]\\d\\d:\\d\\d| [+-]\\d{4} [A-Z]+)");
    private static final Pattern UNIX = Pattern.compile("\\b(1\\d{9})(\\.?\\d{9})?\\b");
    private static final Pattern AGO =
            Pattern.compile(
                    "(?:Less than a second|About an? \\w+|\\d+ (?:second|minute|hour|day|week|month"
                            + "|year)s?) ago");
    private static final Pattern UP =
            Pattern.compile("\\bUp (?:Less than a second|About an? \\w+|\\d+ \\w+)");
    private static final Pattern PID = Pattern.compile("\"Pid\": ?[1-9]\\d*");

    /// Behind an address of the host, from the range that the kernel gives from.
    private static final Pattern PORT =
            Pattern.compile(
                    "(?<=0\\.0\\.0\\.0:|127\\.0\\.0\\.1:|\\[::\\]:|\\[::1\\]:|:::"
                            + "|\"HostPort\":\"|\"PublicPort\":)(3[2-9]\\d{3}|[45]\\d{4}|60\\d{3})\\b");

    /// Tables are as wide as what stands in them.
    private static final Pattern WIDE = Pattern.compile(" {3,}");

    /// Whose control groups these are is told by their name.
    private static final Pattern GROUP = Pattern.compile("/corten-[0-9a-f]{8}(?=/)");

    private final Map<String, String> folders;
    private final Pattern address;
    private final Instant now = Instant.now();
    private final Map<String, Map<String, Integer>> seen = new HashMap<>();

    /// @param folders paths that are another on each machine, and what stands for them
    /// @param bridge the default bridge's address
    Normaliser(Map<String, String> folders, String bridge) {
        this.folders = folders;
        String net = bridge.substring(0, bridge.lastIndexOf('.') + 1);
        this.address = Pattern.compile("\\b" + Pattern.quote(net) + "(\\d+)\\b");
    }

    String normalised(String text) {
        for (var folder : folders.entrySet()) {
            text = text.replace(folder.getKey(), folder.getValue());
        }
        text = replaced(text, GROUP, match -> "/docker");
        text = replaced(text, UUID, match -> numbered("uuid", match.group()));
        text = replaced(text, MAC, match -> numbered("mac", match.group()));
        text = replaced(text, TIME, this::time);
        text = replaced(text, UNIX, this::unix);
        text = replaced(text, ID, this::id);
        text = replaced(text, AGO, match -> "<ago>");
        text = replaced(text, UP, match -> "Up <a while>");
        text = replaced(text, PID, match -> "\"Pid\":<pid>");
        text = replaced(text, PORT, match -> numbered("port", match.group()));
        text = replaced(text, address, this::address);
        text = text.replaceAll("28\\.5\\.2\\+\\w+", "28.5.2");
        // The control groups of an engine with a data root of its own.
        text = text.replaceAll("/corten-[0-9a-f]{8}/", "/docker/");
        return replaced(text, WIDE, match -> "   ");
    }

    private static String replaced(
            String text, Pattern pattern, Function<MatchResult, String> replacement) {
        return pattern.matcher(text)
                .replaceAll(match ->
                        java.util.regex.Matcher.quoteReplacement(replacement.apply(match)));
    }

    private String numbered(String kind, String value) {
        var known = seen.computeIfAbsent(kind, k -> new HashMap<>());
        return "<" + kind + known.computeIfAbsent(value, v -> known.size() + 1) + ">";
    }

    private String id(MatchResult match) {
        String id = match.group();
        String full = numbered("id", id.substring(0, 12));
        return id.length() == 12 ? full.replace(">", ":12>") : full;
    }

    /// Times of today; others are part of what is shown.
    private String time(MatchResult match) {
        Instant day = Instant.parse(match.group(1) + "T12:00:00Z");
        return isNear(day, Duration.ofDays(2)) ? "<time>" : match.group();
    }

    private String unix(MatchResult match) {
        Instant instant = Instant.ofEpochSecond(Long.parseLong(match.group(1)));
        if (!isNear(instant, Duration.ofDays(2))) {
            return match.group();
        }
        return match.group(2) == null ? "<seconds>" : "<nanoseconds>";
    }

    private boolean isNear(Instant instant, Duration distance) {
        return Duration.between(instant, now).abs().compareTo(distance) < 0;
    }

    private String address(MatchResult match) {
        return switch (match.group(1)) {
            case "0" -> "<subnet>";
            case "1" -> "<gateway>";
            default -> numbered("ip", match.group());
        };
    }
}
