package dev.corten.cli.context;

import dev.corten.cli.failure.Failure;
import dev.corten.cli.failure.LocalFiles;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Fields;
import dev.corten.cli.option.Scalars;
import dev.corten.cli.setup.ContextStore;
import dev.corten.cli.setup.Setup;
import dev.corten.cli.setup.StoredContext;
import dev.corten.client.CommandDialer;
import dev.corten.client.Endpoint;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.model.InvalidParameter;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What `context create` and `context update` are told of an endpoint, checked:
/// `--docker "host=tcp://server:2376,ca=ca.pem,cert=cert.pem,key=key.pem"`.
final class ContextConfig {
    static final String ABOUT =
            """


            Docker endpoint config:

            NAME                DESCRIPTION
            from                Copy named context's Docker endpoint configuration
            host                Docker endpoint on which to connect
            ca                  Trust certs signed only by this CA
            cert                Path to TLS certificate file
            key                 Path to TLS key file
            skip-tls-verify     Skip TLS certificate validation

            Example:

            $ docker context VERB my-context --description "some description" --docker \
            "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file\"\
            """;

    private static final String FAILURE = "unable to create docker endpoint config: ";

    private final Setup setup;
    private final Map<String, String> given = new LinkedHashMap<>();

    /// @param pairs the values of `--docker`
    ContextConfig(Setup setup, List<String> pairs) {
        this.setup = setup;
        for (String pair : pairs) {
            for (String field : Fields.of(pair)) {
                int equals = field.indexOf('=');
                String key = equals < 0 ? field : field.substring(0, equals);
                switch (key) {
                    case "from", "host", "ca", "cert", "key", "skip-tls-verify" ->
                            given.put(key, field.substring(equals + 1));
                    default -> throw new Failure(FAILURE + "unrecognized config key: " + key);
                }
            }
        }
    }

    /// The options of both.
    static FlagTable flags() {
        return new FlagTable()
                .add(FlagTable.NONE, "description", FlagType.STRING, "Description of the context")
                .add(FlagTable.NONE, "docker", FlagType.PAIRS, "set the docker endpoint", "[]");
    }

    /// Writes the context.
    void save(String name, Json metadata) throws IOException {
        if (given.containsKey("from")) {
            StoredContext from = find(setup, given.getOrDefault("from", ""));
            copy(setup.contexts(), from, name, metadata);
            return;
        }
        boolean skip = isSet("skip-tls-verify");
        String host = given.getOrDefault("host", "");
        check(host);
        var tls = new TreeMap<String, byte[]>();
        for (String file : new String[] {"ca", "cert", "key"}) {
            String path = given.getOrDefault(file, "");
            if (!path.isEmpty()) {
                tls.put(file + ".pem", read(path));
            }
        }
        JsonWriter meta = ContextStore.meta(name, metadata, host, skip);
        setup.contexts().put(name, meta, tls);
    }

    static void copy(ContextStore store, StoredContext from, String name, Json metadata)
            throws IOException {
        store.put(
                name,
                ContextStore.meta(name, metadata, from.host(), from.skipsVerification()),
                from.tls());
    }

    private boolean isSet(String key) {
        String value = given.getOrDefault(key, "false");
        if (!Scalars.isBool(value)) {
            throw new Failure(
                    FAILURE
                            + key
                            + ": strconv.ParseBool: parsing \""
                            + value
                            + "\": invalid syntax");
        }
        return Scalars.isTrue(value);
    }

    private static void check(String host) {
        try {
            if (host.startsWith("ssh://")) {
                CommandDialer.ssh(host);
            } else {
                Endpoint.parse(host, false);
            }
        } catch (InvalidParameter e) {
            throw new Failure(FAILURE + "invalid docker endpoint options: " + e.message());
        }
    }

    private static byte[] read(String file) throws IOException {
        try (var in = new FileInputStream(file)) {
            return in.readAllBytes();
        } catch (FileNotFoundException e) {
            throw new Failure(FAILURE + "open " + file + ": " + LocalFiles.reason(e));
        }
    }

    /// A context by name, the unwritten one called `default` too.
    static StoredContext find(Setup setup, String name) throws IOException {
        if (!name.equals(ContextStore.DEFAULT)) {
            return setup.contexts().get(name);
        }
        String host = setup.defaultHost();
        String text = host.isEmpty() ? Endpoint.DEFAULT.text() : host;
        JsonWriter meta = ContextStore.meta(name, Json.object(new LinkedHashMap<>()), text, false);
        return new StoredContext(Json.parse(meta.toBytes()), setup.contexts().tlsFolder(name));
    }

    /// The metadata with another description.
    static Json described(@Nullable StoredContext old, Flags flags) {
        var metadata = new LinkedHashMap<String, Json>();
        if (old != null) {
            metadata.putAll(old.metadata().members());
        }
        if (flags.isGiven("description")) {
            metadata.remove("Description");
            if (!flags.text("description").isEmpty()) {
                metadata.put("Description", Json.string(flags.text("description")));
            }
        }
        return Json.object(metadata);
    }
}
