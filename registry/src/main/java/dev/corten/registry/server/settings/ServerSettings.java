package dev.corten.registry.server.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Everything that a registry server can be told.
///
/// @param rootDirectory the tree is below it
/// @param deletes whether manifests and blobs may be deleted
/// @param readOnly whether nothing may be changed at all
/// @param warnings what was said and has no effect
public record ServerSettings(
        Path rootDirectory,
        boolean deletes,
        boolean readOnly,
        Http http,
        Log log,
        Auth auth,
        Purging purging,
        Collecting collecting,
        Quota quota,
        Optional<Proxy> proxy,
        List<Endpoint> endpoints,
        Health health,
        int maxEntries,
        List<String> warnings) {
    private static final String DEFAULT_ROOT = "/var/lib/registry";

    /// @param address as `:5000` or `127.0.0.1:5000`; a path for a unix socket
    /// @param unix whether it is a path
    /// @param prefix of all paths, `/` at its end
    /// @param host scheme and host in locations; `""` for what the client says
    /// @param relative whether locations have neither
    /// @param headers names and values in turn, of every answer
    /// @param debugAddress `""` for none
    /// @param metricsPath on the debug address; empty for no metrics
    public record Http(
            String address,
            boolean unix,
            String prefix,
            String host,
            boolean relative,
            Duration drainTimeout,
            Optional<TlsFiles> tls,
            List<String> headers,
            String debugAddress,
            Optional<String> metricsPath) {}

    /// @param clientAuthority whose certificates clients must show
    public record TlsFiles(Path certificate, Path key, Optional<Path> clientAuthority) {}

    /// @param level as Docker Registry names it
    /// @param formatter `text` or `json`
    /// @param fields of every line
    public record Log(String level, String formatter, Map<String, String> fields, boolean access) {}

    /// Who may use the registry.
    public sealed interface Auth {
        /// Anybody.
        record None() implements Auth {}

        record Passwords(String realm, Path file) implements Auth {}

        /// @param certificates of those whose signature counts
        /// @param keys a file of JSON web keys
        /// @param algorithms that signatures may have; empty for all with a public key
        record Tokens(
                String realm,
                String service,
                String issuer,
                Optional<Path> certificates,
                Optional<Path> keys,
                Set<String> algorithms)
                implements Auth {}
    }

    /// When uploads are given up.
    public record Purging(boolean enabled, Duration age, Duration interval, boolean dryRun) {}

    /// When what nobody refers to is collected.
    ///
    /// @param interval zero: only when asked to
    /// @param grace what is younger stays
    /// @param untagged whether manifests without tags go too
    public record Collecting(Duration interval, Duration grace, boolean untagged) {}

    /// @param special by repository, or by a path above it, ending in a slash
    public record Quota(long usual, Map<String, Long> special) {}

    /// Whose cache it is.
    ///
    /// @param username `""` for nobody in particular
    /// @param ttl how long what was fetched stays; zero for ever
    public record Proxy(String url, String username, String password, Duration ttl) {
        /// Without the password.
        @Override
        public String toString() {
            return "Proxy[" + username + "@" + url + "]";
        }
    }

    /// Whom notifications go to.
    ///
    /// @param headers names and values in turn
    /// @param threshold failures in a row until it is left alone for the time of `backoff`
    public record Endpoint(
            String name,
            String url,
            List<String> headers,
            Duration timeout,
            int threshold,
            Duration backoff,
            List<String> ignoredMediaTypes,
            List<String> ignoredActions) {}

    /// @param threshold failures in a row until it counts
    public record Health(boolean storage, Duration interval, int threshold) {}

    /// @param file `config.yml`; none: only the environment counts
    public static ServerSettings read(Optional<Path> file, Map<String, String> environment)
            throws BadSettings {
        SettingsTree tree = SettingsTree.read(file, environment);
        var warnings = new ArrayList<String>();
        tree.ignore("version", "log.hooks", "log.reporthandlers", "configuration.path");
        requireFileSystem(tree);
        var settings =
                new ServerSettings(
                        Path.of(tree.text("storage.filesystem.rootdirectory", DEFAULT_ROOT)),
                        tree.flag("storage.delete.enabled", false),
                        tree.flag("storage.maintenance.readonly.enabled", false),
                        http(tree, warnings),
                        log(tree),
                        auth(tree),
                        purging(tree),
                        collecting(tree),
                        quota(tree),
                        proxy(tree),
                        endpoints(tree),
                        health(tree, warnings),
                        Math.max(1, tree.number("catalog.maxentries", 1000)),
                        warnings);
        // They tune what is not there: a cache of descriptors, redirects to clouds.
        tree.ignore(
                "storage.filesystem.maxthreads",
                "storage.cache",
                "storage.redirect",
                "storage.tag",
                "notifications.events",
                "http.secret",
                "http.http2",
                "compatibility",
                "validation",
                "policy");
        for (String section : List.of("middleware", "reporting", "redis")) {
            if (!tree.names(section).isEmpty()) {
                warnings.add(section + " has no effect");
            }
        }
        tree.unknown().forEach(path -> warnings.add("unknown setting " + path));
        return settings;
    }

    private static void requireFileSystem(SettingsTree tree) throws BadSettings {
        for (String kind : tree.names("storage")) {
            switch (kind) {
                case "filesystem", "delete", "cache", "maintenance", "redirect", "tag" -> {}
                default ->
                        throw new BadSettings(
                                "storage driver not supported: "
                                        + kind
                                        + " (Corten's registry keeps images in the file system:"
                                        + " storage.filesystem.rootdirectory)");
            }
        }
    }

    private static Http http(SettingsTree tree, List<String> warnings) throws BadSettings {
        String prefix = tree.text("http.prefix", "");
        if (!prefix.isEmpty() && !prefix.startsWith("/")) {
            throw new BadSettings("http.prefix: must begin with a slash: " + prefix);
        }
        var headers = new ArrayList<String>();
        for (String name : tree.names("http.headers")) {
            for (String value : tree.texts("http.headers." + name)) {
                headers.add(name);
                headers.add(value);
            }
        }
        String net = tree.text("http.net", "tcp");
        if (!net.equals("tcp") && !net.equals("unix") && !net.isEmpty()) {
            throw new BadSettings("http.net: must be tcp or unix: " + net);
        }
        if (!tree.names("http.tls.letsencrypt").isEmpty()
                && !tree.text("http.tls.letsencrypt.cachefile", "").isEmpty()) {
            throw new BadSettings(
                    "http.tls.letsencrypt is not supported: give http.tls.certificate and"
                            + " http.tls.key");
        }
        tree.ignore("http.tls.letsencrypt");
        if (tree.text("http.tls.minimumtls", "").equals("tls1.3")) {
            warnings.add("http.tls.minimumtls has no effect: 1.2 is taken too");
        }
        if (tree.has("http.tls.ciphersuites")) {
            warnings.add("http.tls.ciphersuites has no effect");
        }
        return new Http(
                tree.text("http.addr", ":5000"),
                net.equals("unix"),
                prefix.endsWith("/") ? prefix : prefix + "/",
                host(tree.text("http.host", "")),
                tree.flag("http.relativeurls", false),
                tree.duration("http.draintimeout", Duration.ofSeconds(8)),
                tls(tree),
                headers,
                tree.text("http.debug.addr", ""),
                metrics(tree));
    }

    private static Optional<String> metrics(SettingsTree tree) throws BadSettings {
        String path = tree.text("http.debug.prometheus.path", "/metrics");
        return tree.flag("http.debug.prometheus.enabled", false)
                ? Optional.of(path)
                : Optional.empty();
    }

    private static String host(String host) {
        return host.endsWith("/") ? host.substring(0, host.length() - 1) : host;
    }

    private static Optional<TlsFiles> tls(SettingsTree tree) throws BadSettings {
        String certificate = tree.text("http.tls.certificate", "");
        String key = tree.text("http.tls.key", "");
        List<String> authorities = tree.texts("http.tls.clientcas");
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new BadSettings("http.tls: certificate and key belong together");
        }
        if (certificate.isEmpty()) {
            return Optional.empty();
        }
        if (authorities.size() > 1) {
            throw new BadSettings("http.tls.clientcas: put all certificates into one file");
        }
        return Optional.of(
                new TlsFiles(
                        Path.of(certificate),
                        Path.of(key),
                        authorities.stream().findFirst().map(Path::of)));
    }

    private static Log log(SettingsTree tree) throws BadSettings {
        var fields = new LinkedHashMap<String, String>();
        for (String name : tree.names("log.fields")) {
            fields.put(name, tree.text("log.fields." + name, ""));
        }
        return new Log(
                tree.text("log.level", tree.text("loglevel", "info")),
                tree.text("log.formatter", "text"),
                fields,
                !tree.flag("log.accesslog.disabled", false));
    }

    private static Auth auth(SettingsTree tree) throws BadSettings {
        List<String> kinds = tree.names("auth");
        if (kinds.size() > 1) {
            throw new BadSettings("auth: must provide exactly one type, not " + kinds);
        }
        String kind = kinds.isEmpty() ? "none" : kinds.getFirst();
        return switch (kind) {
            case "none" -> {
                tree.ignore("auth.none");
                yield new Auth.None();
            }
            case "htpasswd" ->
                    new Auth.Passwords(
                            required(tree, "auth.htpasswd.realm"),
                            Path.of(required(tree, "auth.htpasswd.path")));
            case "token" -> {
                tree.ignore("auth.token.autoredirect");
                var tokens =
                        new Auth.Tokens(
                                required(tree, "auth.token.realm"),
                                required(tree, "auth.token.service"),
                                required(tree, "auth.token.issuer"),
                                optional(tree.text("auth.token.rootcertbundle", "")).map(Path::of),
                                optional(tree.text("auth.token.jwks", "")).map(Path::of),
                                Set.copyOf(tree.texts("auth.token.signingalgorithms")));
                if (tokens.certificates().isEmpty() && tokens.keys().isEmpty()) {
                    throw new BadSettings(
                            "auth.token: give rootcertbundle or jwks, whose signatures count");
                }
                yield tokens;
            }
            default ->
                    throw new BadSettings(
                            "auth." + kind + " is not supported: none, htpasswd or token");
        };
    }

    private static Purging purging(SettingsTree tree) throws BadSettings {
        String path = "storage.maintenance.uploadpurging.";
        return new Purging(
                tree.flag(path + "enabled", true),
                tree.duration(path + "age", Duration.ofHours(168)),
                tree.duration(path + "interval", Duration.ofHours(24)),
                tree.flag(path + "dryrun", false));
    }

    private static Collecting collecting(SettingsTree tree) throws BadSettings {
        return new Collecting(
                tree.duration("corten.collection.interval", Duration.ZERO),
                tree.duration("corten.collection.grace", Duration.ofHours(1)),
                tree.flag("corten.collection.deleteuntagged", false));
    }

    private static Quota quota(SettingsTree tree) throws BadSettings {
        var special = new LinkedHashMap<String, Long>();
        for (SettingsTree each : tree.elements("corten.quotas.repositories")) {
            special.put(required(each, "name"), each.bytes("bytes", Long.MAX_VALUE));
        }
        return new Quota(tree.bytes("corten.quotas.default", Long.MAX_VALUE), special);
    }

    private static Optional<Proxy> proxy(SettingsTree tree) throws BadSettings {
        String url = tree.text("proxy.remoteurl", "");
        var proxy =
                new Proxy(
                        url,
                        tree.text("proxy.username", ""),
                        tree.text("proxy.password", ""),
                        tree.duration("proxy.ttl", Duration.ofDays(7)));
        return url.isEmpty() ? Optional.empty() : Optional.of(proxy);
    }

    private static List<Endpoint> endpoints(SettingsTree tree) throws BadSettings {
        var endpoints = new ArrayList<Endpoint>();
        for (SettingsTree each : tree.elements("notifications.endpoints")) {
            if (each.flag("disabled", false)) {
                continue;
            }
            var headers = new ArrayList<String>();
            for (String name : each.names("headers")) {
                for (String value : each.texts("headers." + name)) {
                    headers.add(name);
                    headers.add(value);
                }
            }
            var ignored = new ArrayList<>(each.texts("ignoredmediatypes"));
            ignored.addAll(each.texts("ignore.mediatypes"));
            endpoints.add(
                    new Endpoint(
                            each.text("name", ""),
                            required(each, "url"),
                            headers,
                            each.duration("timeout", Duration.ofSeconds(1)),
                            Math.max(1, each.number("threshold", 10)),
                            each.duration("backoff", Duration.ofSeconds(1)),
                            ignored,
                            each.texts("ignore.actions")));
        }
        return endpoints;
    }

    private static Health health(SettingsTree tree, List<String> warnings) throws BadSettings {
        for (String kind : List.of("file", "http", "tcp")) {
            if (!tree.elements("health." + kind).isEmpty()) {
                warnings.add("health." + kind + " has no effect");
            }
        }
        return new Health(
                tree.flag("health.storagedriver.enabled", true),
                tree.duration("health.storagedriver.interval", Duration.ofSeconds(10)),
                Math.max(1, tree.number("health.storagedriver.threshold", 3)));
    }

    private static String required(SettingsTree tree, String path) throws BadSettings {
        String value = tree.text(path, "");
        if (value.isEmpty()) {
            throw new BadSettings(path + " is missing");
        }
        return value;
    }

    private static Optional<String> optional(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
