package dev.corten.build.front;

import dev.corten.model.Platform;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What was given with `--build-arg`, and what a builder knows by itself.
///
/// @see <https://docs.docker.com/reference/dockerfile/#predefined-args>
public final class BuildArguments {
    /// Known to every `RUN` without a declaration, and part of no cache key and no history.
    public static final Set<String> PROXIES =
            Set.of(
                    "HTTP_PROXY",
                    "http_proxy",
                    "HTTPS_PROXY",
                    "https_proxy",
                    "FTP_PROXY",
                    "ftp_proxy",
                    "NO_PROXY",
                    "no_proxy",
                    "ALL_PROXY",
                    "all_proxy");

    private final Map<String, String> given;
    private final Map<String, String> platforms;
    private final Set<String> consumed = new LinkedHashSet<>();

    /// @param given in the order of the command line
    /// @param build the platform that the steps run on
    /// @param target the platform of the result
    /// @param targetStage what `--target` named, or `default`
    public BuildArguments(
            Map<String, String> given, Platform build, Platform target, String targetStage) {
        this.given = new LinkedHashMap<>(given);
        this.platforms = new LinkedHashMap<>();
        platforms("BUILD", build);
        platforms("TARGET", target);
        platforms.put("TARGETSTAGE", targetStage);
    }

    private void platforms(String prefix, Platform platform) {
        platforms.put(prefix + "PLATFORM", platform.toString());
        platforms.put(prefix + "OS", platform.os());
        platforms.put(prefix + "OSVERSION", "");
        platforms.put(prefix + "ARCH", platform.architecture());
        platforms.put(prefix + "VARIANT", platform.variant());
    }

    /// The value that somebody gave, or null; it counts as used from now on.
    @Nullable String take(String name) {
        String value = given.get(name);
        if (value != null) {
            consumed.add(name);
        }
        return value;
    }

    /// What a builder knows by itself: `TARGETARCH` and its kin.
    Map<String, String> platforms() {
        return Map.copyOf(platforms);
    }

    /// The proxies that were given, for `RUN`.
    public Map<String, String> proxies() {
        var proxies = new LinkedHashMap<String, String>();
        given.forEach((name, value) -> {
            if (PROXIES.contains(name)) {
                proxies.put(name, value);
            }
        });
        return proxies;
    }

    /// Those that no `ARG` has asked for.
    public Set<String> unused() {
        var unused = new LinkedHashSet<>(given.keySet());
        unused.removeAll(consumed);
        unused.removeAll(PROXIES);
        unused.removeIf(name -> name.startsWith("BUILDKIT_") || name.equals("SOURCE_DATE_EPOCH"));
        return unused;
    }
}
