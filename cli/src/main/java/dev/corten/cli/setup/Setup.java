package dev.corten.cli.setup;

import dev.corten.cli.console.Environment;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Fields;
import dev.corten.cli.text.Timestamps;
import dev.corten.client.ApiClient;
import dev.corten.client.CommandDialer;
import dev.corten.client.Dialer;
import dev.corten.client.Endpoint;
import dev.corten.client.TlsDialer;
import dev.corten.client.TlsFiles;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Release;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the options before the command, the variables, `config.json` and the contexts say together.
/// Each is looked at when it is first needed.
public final class Setup implements AutoCloseable {
    private static final String[] LEVELS = {"debug", "info", "warn", "error", "fatal"};

    private final Flags globals;
    private final Environment environment;
    private final Output err;
    private @Nullable ConfigFile config;
    private @Nullable Daemon daemon;

    public Setup(Flags globals, Environment environment, Output err) {
        this.globals = globals;
        this.environment = environment;
        this.err = err;
    }

    /// @throws Failure if options contradict each other
    public void check() {
        if (globals.isGiven("host") && globals.isGiven("context")) {
            throw new Failure("conflicting options: cannot specify both --host and --context");
        }
        String level = globals.text("log-level", "info");
        for (String known : LEVELS) {
            if (known.equals(level) || (level.equals("warning") && known.equals("warn"))) {
                return;
            }
        }
        throw new Failure("Unable to parse logging level: " + level);
    }

    /// Where `config.json` is looked for, unless an option says otherwise.
    public static String usualFolder(Environment environment) {
        String given = environment.first("CORTEN_CONFIG", "DOCKER_CONFIG");
        return given.isEmpty() ? environment.get("HOME") + "/.docker" : given;
    }

    public ConfigFile config() {
        ConfigFile loaded = config;
        if (loaded == null) {
            loaded = ConfigFile.load(globals.text("config", usualFolder(environment)), err);
            config = loaded;
        }
        return loaded;
    }

    public ContextStore contexts() {
        return new ContextStore(config().folder());
    }

    public boolean debug() {
        return globals.isSet("debug") || globals.text("log-level").equals("debug");
    }

    /// Where diagnostic lines go, if anywhere.
    public Consumer<String> trace() {
        if (!debug()) {
            return line -> {};
        }
        return line ->
                err.line(
                                "time=\""
                                        + Timestamps.logTime()
                                        + "\" level=debug msg="
                                        + dev.corten.cli.template.GoText.quote(line))
                        .flush();
    }

    /// The host that variables say; empty for none.
    public String variableHost() {
        return environment.first("CORTEN_HOST", "DOCKER_HOST");
    }

    /// The context in use.
    public String contextName() {
        if (!globals.text("context").isEmpty()) {
            return globals.text("context");
        }
        if (globals.isGiven("host") || !variableHost().isEmpty()) {
            return ContextStore.DEFAULT;
        }
        String variable = environment.first("CORTEN_CONTEXT", "DOCKER_CONTEXT");
        if (!variable.isEmpty()) {
            return variable;
        }
        String current = config().text("currentContext");
        return current.isEmpty() ? ContextStore.DEFAULT : current;
    }

    /// Whether a variable decides where the command line config would otherwise.
    boolean isContextOverridden() {
        return globals.text("context").isEmpty() && !variableHost().isEmpty();
    }

    /// The host of the context `default`.
    public String defaultHost() {
        List<String> hosts = globals.list("host");
        if (hosts.size() > 1) {
            throw new Failure(
                    "Failed to initialize: unable to resolve docker endpoint: Specify only one"
                            + " -H");
        }
        return hosts.isEmpty() ? variableHost() : hosts.getFirst();
    }

    /// @throws Failure if the context is not there, or its host is malformed
    public Daemon daemon() throws IOException {
        Daemon made = daemon;
        if (made == null) {
            made = connect();
            daemon = made;
        }
        return made;
    }

    private Daemon connect() throws IOException {
        String context = contextName();
        try {
            if (context.equals(ContextStore.DEFAULT)) {
                TlsFiles tls = tlsOfOptions();
                String host = defaultHost();
                Dialer dialer = dialer(host, tls);
                return new Daemon(dialer, settings(), starter(host, dialer), err);
            }
            StoredContext stored = contexts().get(context);
            Dialer dialer = dialer(stored.host(), stored.tlsFiles());
            return new Daemon(dialer, settings(), Daemon.Starter.NONE, err);
        } catch (InvalidParameter e) {
            throw unresolved(e.message());
        } catch (Failure e) {
            throw e.message().startsWith("Failed to") ? e : unresolved(e.message());
        }
    }

    /// The engine of another machine. The caller closes it.
    ///
    /// @param host the name of a context, or what `ssh` reaches
    public ApiClient elsewhere(String host) throws IOException {
        if (contexts().exists(host)) {
            StoredContext stored = contexts().get(host);
            return new ApiClient(dialer(stored.host(), stored.tlsFiles()), settings());
        }
        return new ApiClient(CommandDialer.ssh("ssh://" + host), settings());
    }

    private static Failure unresolved(String why) {
        return new Failure("Failed to initialize: unable to resolve docker endpoint: " + why);
    }

    private static Dialer dialer(String host, @Nullable TlsFiles tls) {
        if (host.startsWith("ssh://")) {
            return CommandDialer.ssh(host);
        }
        Endpoint endpoint = Endpoint.parse(host, tls != null);
        if (tls == null) {
            return endpoint;
        }
        try {
            if (!endpoint.isUnix()) {
                return TlsDialer.of(endpoint, tls);
            }
            tls.check();
            return endpoint;
        } catch (IOException e) {
            throw new Failure("Failed to initialize: " + e.getMessage());
        }
    }

    /// What the options and variables say of TLS; null if it is not wanted.
    private @Nullable TlsFiles tlsOfOptions() {
        boolean variable = variable("CORTEN_TLS_VERIFY", "DOCKER_TLS_VERIFY");
        boolean verifies = globals.isSet("tlsverify", variable);
        boolean wanted =
                globals.isSet("tls", variable("CORTEN_TLS", "DOCKER_TLS"))
                        || globals.isGiven("tlsverify")
                        || variable;
        if (!wanted) {
            return null;
        }
        String folder = environment.first("CORTEN_CERT_PATH", "DOCKER_CERT_PATH");
        folder = folder.isEmpty() ? config().folder() : folder;
        return new TlsFiles(
                globals.text("tlscacert", folder + "/ca.pem"),
                given("tlscert", folder + "/cert.pem"),
                given("tlskey", folder + "/key.pem"),
                verifies);
    }

    private boolean variable(String... names) {
        return !environment.first(names).isEmpty();
    }

    /// An option's file, or the usual one if it exists.
    private String given(String option, String usual) {
        if (globals.isGiven(option)) {
            return globals.text(option);
        }
        return new File(usual).exists() ? usual : "";
    }

    private Daemon.Starter starter(String host, Dialer dialer) {
        boolean unix = dialer instanceof Endpoint endpoint && endpoint.isUnix();
        if (globals.isSet("no-autostart") || !unix) {
            return Daemon.Starter.NONE;
        }
        String autostart = environment.get("CORTEN_AUTOSTART");
        if (!autostart.isEmpty()) {
            return new Daemon.Starter(autostart, true);
        }
        if (host.isEmpty() && new File("/run").canWrite()) {
            String lib = System.getProperty("corten.lib", "");
            File cortend = new File(lib + "/../bin/cortend");
            if (!lib.isEmpty() && cortend.canExecute()) {
                return new Daemon.Starter(cortend.getPath(), false);
            }
        }
        return Daemon.Starter.NONE;
    }

    private ApiClient.Settings settings() {
        return new ApiClient.Settings(
                environment.first("CORTEN_API_VERSION", "DOCKER_API_VERSION"),
                "Corten-Client/" + Release.CURRENT.version() + " (linux)",
                headers(),
                trace());
    }

    private List<String> headers() {
        String variable = environment.first("CORTEN_CUSTOM_HEADERS", "DOCKER_CUSTOM_HEADERS");
        if (variable.isEmpty()) {
            return config().pairs("HttpHeaders");
        }
        var headers = new ArrayList<String>();
        for (String field : Fields.of(variable)) {
            int equals = field.indexOf('=');
            String name = equals < 0 ? field : field.substring(0, equals);
            if (equals < 0 || name.isBlank()) {
                throw new Failure(
                        "failed to parse custom headers from DOCKER_CUSTOM_HEADERS environment"
                                + " variable: "
                                + (equals < 0
                                        ? "missing \"=\" in: \"" + field + "\""
                                        : "value contains a key=value pair with an empty key: \""
                                                + field
                                                + "\""));
            }
            headers.add(name.strip());
            headers.add(field.substring(equals + 1));
        }
        return headers;
    }

    @Override
    public void close() throws IOException {
        Daemon open = daemon;
        if (open != null) {
            open.close();
        }
    }
}
