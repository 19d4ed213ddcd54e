package dev.corten.cli.credential;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Environment;
import dev.corten.cli.setup.ConfigFile;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/// What the user shows registries. The right store for each is found by `credHelpers`, `credsStore`
/// and `auths` of `config.json`, in this order.
public final class Credentials {
    /// The key of Docker Hub, an address from before registries had version 2.
    public static final String HUB = "https://index.docker.io/v1/";

    private static final String[] VARIABLES = {"CORTEN_AUTH_CONFIG", "DOCKER_AUTH_CONFIG"};

    private final Invocation invocation;
    private final ConfigFile config;
    private final Environment environment;

    public Credentials(Invocation invocation) {
        this.invocation = invocation;
        this.config = invocation.config();
        this.environment = invocation.environment();
    }

    /// Under which key a registry's credentials are kept.
    ///
    /// @param domain of a [Reference]
    public static String key(String domain) {
        return domain.equals(Reference.DEFAULT_DOMAIN) || domain.equals("index.docker.io")
                ? HUB
                : domain;
    }

    /// `https://host:5000/path` without all but `host:5000`.
    public static String host(String address) {
        String rest = address;
        for (String scheme : new String[] {"http://", "https://"}) {
            if (rest.startsWith(scheme)) {
                rest = rest.substring(scheme.length());
                break;
            }
        }
        int slash = rest.indexOf('/');
        return slash < 0 ? rest : rest.substring(0, slash);
    }

    /// The variable that says credentials, if it is set; else empty.
    public String variable() {
        for (String name : VARIABLES) {
            if (!environment.get(name).isEmpty()) {
                return name;
            }
        }
        return "";
    }

    /// Where the credentials for a registry are.
    public CredentialStore store(String key) {
        var file = new FileStore(config);
        String helper = helper(key);
        CredentialStore store =
                helper.isEmpty() ? file : new HelperStore(helper, file, environment);
        String variable = variable();
        if (variable.isEmpty()) {
            return store;
        }
        try {
            return new VariableStore(parse(environment.get(variable)), store);
        } catch (IOException e) {
            invocation.warn(
                    "Failed to create credential store from " + variable + ": " + e.getMessage());
            return store;
        }
    }

    private static Map<String, RegistryCredentials> parse(String text) throws IOException {
        Json auths = Json.parse(text.getBytes(StandardCharsets.UTF_8)).get("auths");
        var given = new HashMap<String, RegistryCredentials>();
        for (var entry : auths.members().entrySet()) {
            given.put(entry.getKey(), AuthEntry.read(entry.getKey(), entry.getValue()));
        }
        return given;
    }

    /// The name of the helper for a registry; empty for none. One that is there is used without
    /// being asked for, by who has not stored anything yet.
    private String helper(String key) {
        String own = config.get("credHelpers").get(key).text("");
        if (!own.isEmpty()) {
            return own;
        }
        String general = config.text("credsStore");
        boolean decided =
                !general.isEmpty()
                        || !config.get("credHelpers").members().isEmpty()
                        || !config.get("auths").members().isEmpty();
        if (decided) {
            return general;
        }
        String usual = HelperStore.exists("pass", environment) ? "pass" : "secretservice";
        return HelperStore.hasHelper(usual, environment) ? usual : "";
    }

    /// The header `X-Registry-Auth` for the registry of an image.
    public String header(Reference image) {
        return header(image.domain());
    }

    /// The header `X-Registry-Auth` for a registry. That a store cannot be asked is said, and the
    /// registry asked as anybody may.
    ///
    /// @param domain of a [Reference]
    public String header(String domain) {
        try {
            return header(store(key(domain)).get(key(domain)));
        } catch (IOException e) {
            invocation.warn("WARNING: no credentials for " + domain + ": " + e.getMessage());
            return header(RegistryCredentials.NONE);
        }
    }

    /// All that the user has, by the host of the registry, for a request of which nobody knows yet
    /// which registries it will need. Stores that cannot be asked are left out.
    public JsonWriter all() {
        var keys = new TreeSet<String>();
        keys.addAll(config.get("auths").members().keySet());
        keys.addAll(config.get("credHelpers").members().keySet());
        String variable = variable();
        if (!variable.isEmpty()) {
            try {
                keys.addAll(parse(environment.get(variable)).keySet());
            } catch (IOException e) {
                invocation.setup().trace().accept(variable + ": " + e.getMessage());
            }
        }
        var json = new JsonWriter().object().name("auths").object();
        for (String key : keys) {
            try {
                RegistryCredentials found = store(key).get(key);
                if (!found.isAnonymous()) {
                    json.name(key.equals(HUB) ? Reference.DEFAULT_DOMAIN : host(key));
                    write(json, found);
                }
            } catch (IOException e) {
                invocation.warn("WARNING: no credentials for " + key + ": " + e.getMessage());
            }
        }
        return json.end().end();
    }

    private static String header(RegistryCredentials credentials) {
        byte[] document = write(new JsonWriter(true), credentials).toBytes();
        return Base64.getUrlEncoder().encodeToString(document);
    }

    /// As the API takes them.
    public static JsonWriter json(RegistryCredentials credentials) {
        return write(new JsonWriter(), credentials);
    }

    private static JsonWriter write(JsonWriter json, RegistryCredentials credentials) {
        json.object();
        member(json, "username", credentials.username());
        member(json, "password", credentials.password());
        member(json, "serveraddress", credentials.serverAddress());
        member(json, "identitytoken", credentials.identityToken());
        member(json, "registrytoken", credentials.registryToken());
        return json.end();
    }

    private static void member(JsonWriter json, String name, String value) {
        if (!value.isEmpty()) {
            json.name(name).value(value);
        }
    }
}
