package dev.corten.daemon;

import dev.corten.daemon.settings.BadSettings;
import dev.corten.daemon.settings.Options;
import dev.corten.daemon.settings.RuntimeEntry;
import dev.corten.daemon.settings.Settings;
import dev.corten.engine.container.rules.ContainerDefaults;
import dev.corten.engine.pull.PullLimits;
import dev.corten.engine.system.Configuration;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Release;
import dev.corten.model.container.LogConfig;
import dev.corten.registry.client.Proxies;
import dev.corten.registry.client.RegistrySettings;
import dev.corten.runtime.AppArmor;
import dev.corten.runtime.RuntimeProgram;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The settings as they are now: a reload changes them under those who ask, who therefore ask each
/// time. Readers on any thread; one reload at a time.
final class LiveSettings {
    /// Docker's, for whoever comes from there, and our own.
    private static final List<Path> CERTIFICATES =
            List.of(Path.of("/etc/docker/certs.d"), Path.of("/etc/corten/certs.d"));

    private final boolean cgroupV2;
    private final String seccomp;
    private final List<String> warnings;
    private volatile Settings settings;

    /// @param cgroupV2 which mode of control group namespaces is usual
    /// @param warnings about the sockets
    /// @throws InvalidParameter if containers could not have what is set for them
    LiveSettings(Settings settings, boolean cgroupV2, List<String> warnings) throws IOException {
        this.settings = settings;
        this.cgroupV2 = cgroupV2;
        this.warnings = List.copyOf(warnings);
        this.seccomp = seccomp(settings.get(Options.SECCOMP_PROFILE));
        try {
            containerDefaults().check();
        } catch (InvalidParameter e) {
            throw new InvalidParameter(
                    "failed to start daemon: failed to set log opts: " + e.message(), e);
        }
    }

    /// What containers get by default: nothing for the built-in profile, else the word or the text.
    private static String seccomp(String profile) throws IOException {
        if (profile.isEmpty() || profile.equals("builtin")) {
            return "";
        }
        if (profile.equals("unconfined")) {
            return profile;
        }
        try {
            return Files.readString(Path.of(profile));
        } catch (NoSuchFileException e) {
            throw new InvalidParameter(
                    "failed to start daemon: opening seccomp profile ("
                            + profile
                            + ") failed: open "
                            + profile
                            + ": no such file or directory",
                    e);
        }
    }

    Settings now() {
        return settings;
    }

    /// Takes over what the file says now.
    ///
    /// @return what changed and did not, as attributes of the event
    /// @throws BadSettings if the file is wrong: nothing has changed then
    synchronized Map<String, String> reload(Map<String, String> environment) throws BadSettings {
        settings = settings.reloaded(settings.again(environment));
        DaemonLog.level(settings.get(Options.DEBUG), settings.get(Options.LOG_LEVEL));
        return attributes();
    }

    private Map<String, String> attributes() {
        Settings now = settings;
        var attributes = new TreeMap<String, String>();
        attributes.put("debug", now.get(Options.DEBUG).toString());
        attributes.put("default-cgroupns-mode", cgroupNamespaces(now) ? "private" : "host");
        attributes.put("default-ipc-mode", now.get(Options.IPC_MODE));
        attributes.put("default-runtime", now.get(Options.DEFAULT_RUNTIME));
        attributes.put("default-shm-size", now.get(Options.SHM_SIZE).toString());
        attributes.put("features", features(now.get(Options.FEATURES)));
        attributes.put("insecure-registries", array(now.get(Options.INSECURE_REGISTRIES)));
        attributes.put("labels", array(now.get(Options.LABELS)));
        attributes.put("live-restore", now.get(Options.LIVE_RESTORE).toString());
        attributes.put("max-concurrent-downloads", now.get(Options.MAX_DOWNLOADS).toString());
        attributes.put("max-concurrent-uploads", now.get(Options.MAX_UPLOADS).toString());
        attributes.put("max-download-attempts", now.get(Options.MAX_ATTEMPTS).toString());
        attributes.put("registry-mirrors", array(now.get(Options.REGISTRY_MIRRORS)));
        attributes.put("runtimes", runtimes(now.get(Options.RUNTIMES)));
        attributes.put("shutdown-timeout", now.get(Options.SHUTDOWN_TIMEOUT).toString());
        return attributes;
    }

    /// As Go shows a map.
    private static String features(Map<String, Boolean> features) {
        var shown = new StringBuilder("map[");
        new TreeMap<>(features)
                .forEach((name, on) ->
                        shown.append(shown.length() > 4 ? " " : "")
                                .append(name)
                                .append(':')
                                .append(on));
        return shown.append(']').toString();
    }

    private static String array(List<String> texts) {
        var array = new StringBuilder("[");
        for (String text : texts) {
            array.append(array.length() > 1 ? "," : "").append(DaemonLog.quoted(text));
        }
        return array.append(']').toString();
    }

    private static String runtimes(Map<String, RuntimeEntry> runtimes) {
        return String.join(
                " ",
                runtimes.entrySet().stream()
                        .map(entry -> entry.getKey() + ":" + entry.getValue().path())
                        .toList());
    }

    private static Map<String, RuntimeProgram> programs(Map<String, RuntimeEntry> runtimes) {
        var programs = new TreeMap<String, RuntimeProgram>();
        runtimes.forEach((name, entry) ->
                programs.put(name, new RuntimeProgram(name, entry.path(), entry.args())));
        return programs;
    }

    private boolean cgroupNamespaces(Settings now) {
        String mode = now.get(Options.CGROUPNS_MODE);
        return mode.isEmpty() ? cgroupV2 : mode.equals("private");
    }

    ContainerDefaults containerDefaults() {
        Settings now = settings;
        return new ContainerDefaults(
                new LogConfig(now.get(Options.LOG_DRIVER), now.get(Options.LOG_OPTS)),
                now.get(Options.SHM_SIZE),
                now.get(Options.IPC_MODE),
                now.get(Options.CGROUPNS_MODE),
                now.has(Options.DEFAULT_RUNTIME) ? now.get(Options.DEFAULT_RUNTIME) : "runc",
                programs(now.get(Options.RUNTIMES)),
                now.get(Options.ULIMITS),
                now.get(Options.INIT),
                now.get(Options.NO_NEW_PRIVILEGES),
                seccomp);
    }

    Configuration configuration() {
        Settings now = settings;
        var others = new TreeMap<String, String>();
        now.get(Options.RUNTIMES).forEach((name, runtime) -> others.put(name, runtime.path()));
        return new Configuration(
                now.get(Options.DEBUG),
                now.get(Options.EXPERIMENTAL),
                now.get(Options.LIVE_RESTORE),
                now.get(Options.LABELS),
                now.get(Options.GENERIC_RESOURCES),
                now.get(Options.INSECURE_REGISTRIES),
                now.get(Options.REGISTRY_MIRRORS),
                new Configuration.Proxies(
                        Settings.withoutCredentials(
                                proxy(now.get(Options.HTTP_PROXY), "HTTP_PROXY")),
                        Settings.withoutCredentials(
                                proxy(now.get(Options.HTTPS_PROXY), "HTTPS_PROXY")),
                        proxy(now.get(Options.NO_PROXY), "NO_PROXY")),
                Configuration.runtimes(others),
                now.get(Options.DEFAULT_RUNTIME),
                now.get(Options.LOG_DRIVER),
                AppArmor.HOST.isThere(),
                now.get(Options.SECCOMP_PROFILE),
                now.get(Options.NO_NEW_PRIVILEGES),
                cgroupNamespaces(now),
                now.get(Options.ADDRESS_POOLS).stream()
                        .map(pool -> new Configuration.AddressPool(pool.base(), pool.size()))
                        .toList(),
                now.get(Options.CDI_SPEC_DIRS),
                warnings);
    }

    /// How registries are reached.
    RegistrySettings registries() {
        Settings now = settings;
        return new RegistrySettings(
                now.get(Options.REGISTRY_MIRRORS).stream().map(URI::create).toList(),
                now.get(Options.INSECURE_REGISTRIES),
                CERTIFICATES,
                new Proxies(
                        proxy(now.get(Options.HTTP_PROXY), "HTTP_PROXY"),
                        proxy(now.get(Options.HTTPS_PROXY), "HTTPS_PROXY"),
                        proxy(now.get(Options.NO_PROXY), "NO_PROXY")),
                "corten/" + Release.CURRENT.version());
    }

    /// How many blobs of a push are sent beside each other.
    int uploads() {
        return Math.toIntExact(settings.get(Options.MAX_UPLOADS));
    }

    PullLimits pullLimits() {
        Settings now = settings;
        return new PullLimits(
                Math.toIntExact(now.get(Options.MAX_DOWNLOADS)),
                Math.toIntExact(Math.max(1, now.get(Options.MAX_ATTEMPTS))),
                now.get(Options.MAX_LAYER_SIZE));
    }

    /// What was set, or what the environment says, in capitals or not.
    private static String proxy(String set, String variable) {
        if (!set.isEmpty()) {
            return set;
        }
        Map<String, String> environment = System.getenv();
        return environment.getOrDefault(
                variable,
                environment.getOrDefault(variable.toLowerCase(java.util.Locale.ROOT), ""));
    }
}
