package dev.corten.model;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// What this build of Corten is; all its programs say the same.
///
/// @param version of Corten
/// @param commit that it was built of, abbreviated; `""` if that was not known
/// @param time of that commit, RFC 3339 with nanoseconds; `""` if it was not known
public record Release(String version, String commit, String time) {
    /// Which Docker Engine this one is compatible with.
    public static final String DOCKER_VERSION = "28.5.2";

    private static final String VERSION = "0.1.0";

    /// As the launchers say it, who have it from `lib/release.jvm`.
    public static final Release CURRENT =
            new Release(
                    VERSION,
                    System.getProperty("corten.commit", ""),
                    System.getProperty("corten.time", ""));

    /// What `--version` prints: `Corten version 0.1.0, build 3f2a9c1`.
    public String line() {
        return "Corten version " + version + (commit.isEmpty() ? "" : ", build " + commit);
    }

    /// A time of this form as C's `asctime` writes it, which is how `version` shows it:
    /// `Sat Nov  1 21:04:05 2026`. Another text stays as it is.
    public static String shown(String time) {
        try {
            var date = OffsetDateTime.parse(time);
            String day = "%2d".formatted(date.getDayOfMonth());
            return date.format(
                    DateTimeFormatter.ofPattern(
                            "EEE MMM '" + day + "' HH:mm:ss uuuu", Locale.ROOT));
        } catch (DateTimeException e) {
            return time;
        }
    }
}
