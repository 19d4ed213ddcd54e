package dev.corten.daemon.settings;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// All that the daemon was told: flags and file together, defaults where neither says anything.
public final class Settings {
    private static final Set<String> LEVELS =
            Set.of("panic", "fatal", "error", "warn", "info", "debug", "trace");
    private static final Pattern CREDENTIALS = Pattern.compile("://[^/@]*@");
    private static final Pattern VERSION = Pattern.compile("1\\.(\\d{1,3})");
    private static final int OLDEST = 12;
    private static final int NEWEST = 51;

    private final Map<Option<?>, Object> values;
    private final CommandLine flags;

    private Settings(CommandLine flags, Map<Option<?>, Object> values) {
        this.flags = flags;
        this.values = values;
    }

    /// Reads the file and puts it together with the flags.
    ///
    /// @param environment of which `DOCKER_MIN_API_VERSION`, `DOCKER_TLS_VERIFY` count
    /// @throws BadSettings in dockerd's words
    public static Settings of(CommandLine flags, Map<String, String> environment)
            throws BadSettings {
        Map<Option<?>, Object> said = flags.values();
        String path =
                (String) said.getOrDefault(Options.CONFIG_FILE, Options.CONFIG_FILE.initial());
        String problem = "unable to configure the Docker daemon with file " + path + ": ";
        Optional<ConfigFile> file;
        Map<Option<?>, Object> values;
        try {
            file = ConfigFile.read(path);
            if (file.isEmpty() && said.containsKey(Options.CONFIG_FILE)) {
                throw new BadSettings("open " + path + ": no such file or directory");
            }
            values = together(file.isPresent() ? file.get().values(said) : Map.of(), said);
        } catch (BadSettings e) {
            throw e.within(problem);
        }
        var settings = new Settings(flags, values);
        settings.readEnvironment(environment);
        try {
            settings.check();
        } catch (BadSettings e) {
            throw file.isEmpty()
                    ? e
                    : e.within(
                            problem
                                    + "merged configuration validation from file and command line"
                                    + " flags failed: ");
        }
        settings.checkLabels();
        try {
            settings.checkPossible();
        } catch (BadSettings e) {
            throw e.within("failed to start daemon: ");
        }
        return settings;
    }

    private static HashMap<Option<?>, Object> together(
            Map<Option<?>, Object> file, Map<Option<?>, Object> flags) {
        var all = new HashMap<Option<?>, Object>(file);
        flags.forEach((option, value) -> all.merge(option, value, Settings::both));
        return all;
    }

    /// Only runtimes may be in both places.
    private static Object both(Object file, Object flag) {
        if (file instanceof Map<?, ?> some && flag instanceof Map<?, ?> others) {
            var all = new TreeMap<Object, @Nullable Object>(others);
            all.putAll(some);
            return all;
        }
        return file;
    }

    private void readEnvironment(Map<String, String> environment) throws BadSettings {
        String oldest = environment.get("DOCKER_MIN_API_VERSION");
        if (oldest != null && !oldest.isEmpty()) {
            checkVersion(oldest, "invalid DOCKER_MIN_API_VERSION: ");
            values.put(Options.MIN_API_VERSION, oldest);
        }
        if (!environment.getOrDefault("DOCKER_TLS_VERIFY", "").isEmpty()) {
            values.putIfAbsent(Options.TLS_VERIFY, true);
        }
    }

    /// The value: what was said, or what stands for silence.
    public <T> T get(Option<T> option) {
        Object value = values.get(option);
        if (value == null) {
            return option.initial();
        }
        @SuppressWarnings("unchecked") // values are kept under the option they were read for
        T typed = (T) value;
        return typed;
    }

    /// Whether it was said, be it the default.
    public boolean has(Option<?> option) {
        return values.containsKey(option);
    }

    /// The same flags with what the file says now.
    public Settings again(Map<String, String> environment) throws BadSettings {
        return of(flags, environment);
    }

    /// These settings with what SIGHUP brings of newer ones.
    public Settings reloaded(Settings fresh) {
        var merged = new HashMap<>(values);
        for (Option<?> option : Options.all()) {
            Object value = fresh.values.get(option);
            switch (option.reload()) {
                case NEVER -> {}
                case IF_SAID -> {
                    if (value != null) {
                        merged.put(option, value);
                    }
                }
                case ALWAYS -> {
                    merged.remove(option);
                    if (value != null) {
                        merged.put(option, value);
                    }
                }
            }
        }
        return new Settings(flags, merged);
    }

    /// One line for each thing that was said and has no effect.
    public List<String> remarks() {
        var remarks = new ArrayList<String>();
        for (Option<?> option : Options.all()) {
            if (option.inert() != null && has(option) && !get(option).equals(option.initial())) {
                remarks.add(option.name() + " has no effect: " + option.inert());
            }
        }
        return remarks;
    }

    /// A proxy's address without the password that it may hold.
    public static String withoutCredentials(String url) {
        return CREDENTIALS.matcher(url).replaceFirst("://xxxxx:xxxxx@");
    }

    // ---- what must hold
    // --------------------------------------------------------------------------

    private void check() throws BadSettings {
        String level = get(Options.LOG_LEVEL);
        if (!LEVELS.contains(level.toLowerCase(Locale.ROOT))) {
            throw new BadSettings("invalid logging level: " + level);
        }
        String format = get(Options.LOG_FORMAT);
        if (!format.equals("text") && !format.equals("json")) {
            throw new BadSettings("invalid log format: " + format);
        }
        checkElements(Options.DNS_SEARCH);
        checkGateways();
        checkElements(Options.LABELS);
        positive(Options.MTU, "invalid default MTU: ");
        positive(Options.MAX_DOWNLOADS, "invalid max concurrent downloads: ");
        positive(Options.MAX_UPLOADS, "invalid max concurrent uploads: ");
        positive(Options.MAX_ATTEMPTS, "invalid max download attempts: ");
        for (String resource : get(Options.GENERIC_RESOURCES)) {
            if (resource.indexOf('=') < 0) {
                throw new BadSettings(
                        "could not parse GenericResource: incorrect term "
                                + resource
                                + ", missing '=' or malformed expression");
            }
        }
        checkElements(Options.HOSTS);
        checkElements(Options.REGISTRY_MIRRORS);
        checkExecOptions();
        checkModes();
        checkVersion(get(Options.MIN_API_VERSION), "invalid min-api-version: ");
    }

    /// What dockerd would find at its start only.
    private void checkPossible() throws BadSettings {
        checkRuntimes();
        checkNetwork();
        for (Option<?> option : Options.all()) {
            refuse(option);
        }
    }

    private void checkElements(Option<List<String>> option) throws BadSettings {
        try {
            ((ListType) option.type()).checkAll(get(option));
        } catch (BadValue e) {
            throw new BadSettings(e.message());
        }
    }

    private void checkGateways() throws BadSettings {
        int six = 0;
        int four = 0;
        for (String address : get(Options.HOST_GATEWAY_IPS)) {
            if (address.indexOf(':') >= 0) {
                six++;
            } else {
                four++;
            }
        }
        if (four > 1) {
            throw new BadSettings("only one IPv4 host gateway IP address can be specified");
        }
        if (six > 1) {
            throw new BadSettings("only one IPv6 host gateway IP address can be specified");
        }
    }

    private void positive(Option<Long> option, String complaint) throws BadSettings {
        if (get(option) < 0) {
            throw new BadSettings(complaint + get(option));
        }
    }

    private void checkExecOptions() throws BadSettings {
        for (String option : get(Options.EXEC_OPTS)) {
            int equals = option.indexOf('=');
            String key = option.substring(0, Math.max(0, equals)).strip().toLowerCase(Locale.ROOT);
            if (key.isEmpty() || option.substring(equals + 1).isBlank()) {
                throw new BadSettings(
                        "invalid exec-opt (" + option + "): must be formatted 'opt=value'");
            }
            if (key.equals("isolation")) {
                throw new BadSettings(
                        "invalid exec-opt ("
                                + option
                                + "): option 'isolation' is only supported on windows");
            }
            if (!key.equals("native.cgroupdriver")) {
                throw new BadSettings(
                        "invalid exec-opt (" + option + "): unknown option: '" + key + "'");
            }
        }
    }

    private void checkModes() throws BadSettings {
        String ipc = get(Options.IPC_MODE);
        if (ipc.equals("host") || ipc.equals("none") || ipc.startsWith("container:")) {
            throw new BadSettings(
                    "IPC mode \""
                            + ipc
                            + "\" is not supported as default value; use \"shareable\" or"
                            + " \"private\"");
        }
        if (!ipc.equals("private") && !ipc.equals("shareable")) {
            throw new BadSettings(
                    "default IPC mode setting ("
                            + ipc
                            + ") is invalid; use \"shareable\" or \"private\"");
        }
        String cgroupns = get(Options.CGROUPNS_MODE);
        if (!Set.of("", "host", "private").contains(cgroupns)) {
            throw new BadSettings(
                    "invalid default cgroup namespace ("
                            + cgroupns
                            + "): use \"host\" or \"private\"");
        }
    }

    private static void checkVersion(String version, String where) throws BadSettings {
        if (version.toLowerCase(Locale.ROOT).startsWith("v")) {
            throw new BadSettings(where + "API version must be provided without \"v\" prefix");
        }
        var parsed = VERSION.matcher(version);
        int minor = parsed.matches() ? Integer.parseInt(parsed.group(1)) : 0;
        if (minor < OLDEST) {
            throw new BadSettings(
                    where + "minimum supported API version is 1." + OLDEST + ": " + version);
        }
        if (minor > NEWEST) {
            throw new BadSettings(
                    where + "maximum supported API version is 1." + NEWEST + ": " + version);
        }
    }

    private void checkRuntimes() throws BadSettings {
        Map<String, RuntimeEntry> runtimes = get(Options.RUNTIMES);
        for (String reserved : List.of("runc", "corten")) {
            if (runtimes.containsKey(reserved)) {
                throw new BadSettings("runtime name '" + reserved + "' is reserved");
            }
        }
        String standard = get(Options.DEFAULT_RUNTIME);
        if (!Options.isOurs(standard) && !runtimes.containsKey(standard)) {
            throw new BadSettings("specified default runtime '" + standard + "' does not exist");
        }
    }

    private void checkNetwork() throws BadSettings {
        if (!get(Options.BRIDGE).isEmpty() && !get(Options.BIP).isEmpty()) {
            throw new BadSettings(
                    "You specified -b & --bip, mutually exclusive options. Please specify only"
                            + " one");
        }
        if (!get(Options.ICC) && !get(Options.IPTABLES)) {
            throw new BadSettings(
                    "You specified --iptables=false with --icc=false. ICC=false uses iptables to"
                            + " function. Please set --icc or --iptables to true");
        }
    }

    private <T> void refuse(Option<T> option) throws BadSettings {
        String reason = option.refusal().apply(get(option));
        if (reason != null) {
            throw new BadSettings(reason);
        }
    }

    private void checkLabels() throws BadSettings {
        var seen = new HashMap<String, String>();
        for (String label : get(Options.LABELS)) {
            int equals = label.indexOf('=');
            String key = label.substring(0, equals);
            String value = label.substring(equals + 1);
            String before = seen.put(key, value);
            if (before != null && !before.equals(value)) {
                throw new BadSettings(
                        "conflict labels for " + key + "=" + value + " and " + key + "=" + before);
            }
        }
    }
}
