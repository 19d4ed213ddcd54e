package dev.corten.engine.container.rules;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.kernel.process.Signals;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.image.ImageConfig;
import dev.corten.network.address.Subnet;
import dev.corten.runtime.RuntimeProgram;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Checks what a client asks for before anything is done, fills in what it left to the image and to
/// the engine, and says clearly what is not there yet. Messages are Docker's where Docker has the
/// case.
public final class CreateRules {
    private static final Set<String> OUR_RUNTIMES =
            Set.of("", "corten", "runc", "io.containerd.runc.v2");

    private final Supplier<ContainerDefaults> defaults;
    private final ResourceRules resources;
    private final SecurityRules security;
    private final NamespaceRules namespaces;
    private final NetworkRules network;

    /// @param processors of this host
    /// @param cgroups what the kernel can limit
    /// @param maskedPaths hidden unless a request says otherwise
    /// @param readonlyPaths not writable unless a request says otherwise
    /// @param defaults as the daemon's settings are now
    /// @param bridgeSubnet the default bridge's, where the daemon's options name it
    public CreateRules(
            int processors,
            CgroupSupport cgroups,
            List<String> maskedPaths,
            List<String> readonlyPaths,
            Supplier<ContainerDefaults> defaults,
            Optional<Subnet> bridgeSubnet) {
        this.defaults = defaults;
        this.resources = new ResourceRules(processors, cgroups);
        this.security = new SecurityRules(maskedPaths, readonlyPaths);
        this.namespaces = new NamespaceRules(cgroups.version().equals("1"));
        this.network = new NetworkRules(bridgeSubnet);
    }

    /// @param config with the image's settings merged in
    /// @param host normalised
    /// @param path the program
    public record Resolved(
            ContainerConfig config,
            HostConfig host,
            String path,
            List<String> args,
            Map<String, EndpointConfig> endpoints,
            List<String> warnings) {}

    public ResourceRules resources() {
        return resources;
    }

    public Resolved resolve(CreateRequest request, ImageConfig image) {
        var warnings = new ArrayList<String>();
        ContainerConfig config = ImageDefaults.merge(request.config(), image);
        checkConfig(config, request.config(), image, warnings);
        HostConfig host = normalise(request.config(), request.host(), warnings);
        if (host.annotations() != null && host.annotations().containsKey("")) {
            throw new InvalidParameter(
                    "invalid Annotations: the empty string is not permitted as an annotation key");
        }
        var command = new ArrayList<String>();
        addAll(command, config.entrypoint());
        addAll(command, config.cmd());
        if (command.isEmpty() || command.getFirst().isEmpty()) {
            throw new InvalidParameter("no command specified");
        }
        Map<String, EndpointConfig> endpoints = network.endpoints(request, host.networkMode());
        return new Resolved(
                NetworkRules.withMac(config, host.networkMode(), endpoints),
                host,
                command.getFirst(),
                List.copyOf(command.subList(1, command.size())),
                endpoints,
                warnings);
    }

    private static void checkConfig(
            ContainerConfig config,
            ContainerConfig requested,
            ImageConfig image,
            List<String> warnings) {
        if (!config.workingDir().isEmpty() && !config.workingDir().startsWith("/")) {
            throw new InvalidParameter(
                    "the working directory '"
                            + config.workingDir()
                            + "' is invalid, it needs to be an absolute path");
        }
        if (config.env() != null) {
            for (String variable : config.env()) {
                if (variable.isEmpty() || variable.startsWith("=")) {
                    throw new InvalidParameter("invalid environment variable: " + variable);
                }
            }
        }
        for (String word : words(config)) {
            if (word.indexOf('\0') >= 0) {
                throw new InvalidParameter("arguments and environment cannot hold a NUL byte");
            }
        }
        if (!config.stopSignal().isEmpty() && Signals.parse(config.stopSignal()).isEmpty()) {
            throw new InvalidParameter("invalid signal: " + config.stopSignal());
        }
        boolean check =
                requested.healthcheck() != null
                        && requested.healthcheck().test() != null
                        && !requested.healthcheck().test().isEmpty()
                        && !requested.healthcheck().test().equals(List.of("NONE"));
        if (check) {
            throw notYet("health checks");
        }
        if (image.healthcheck() != null && requested.healthcheck() == null) {
            warnings.add("The image's health check is not run: health checks are not there yet");
        }
    }

    private static List<String> words(ContainerConfig config) {
        var words = new ArrayList<String>();
        addAll(words, config.entrypoint());
        addAll(words, config.cmd());
        addAll(words, config.env());
        words.add(config.workingDir());
        words.add(config.user());
        words.add(config.hostname());
        return words;
    }

    private HostConfig normalise(
            ContainerConfig requested, HostConfig request, List<String> warnings) {
        var host = request.edit();
        if (!request.isolation().isEmpty() && !request.isolation().equals("default")) {
            throw new InvalidParameter(
                    "invalid isolation ("
                            + request.isolation()
                            + "): linux only supports 'default'");
        }
        ContainerDefaults standard = defaults.get();
        runtime(request.runtime(), standard);
        if (request.runtime().isEmpty()) {
            host.runtime = standard.runtime();
        }
        RestartRules.apply(request, host);
        namespaces.apply(request, host, requested.hostname(), standard);
        NetworkRules.apply(requested, request, host, warnings);
        resources.apply(request, host, warnings, standard);
        security.apply(request, host);
        MountRules.apply(request);
        host.logConfig = standard.log(request.logConfig());
        LogRules.check(host.logConfig);
        return host.done();
    }

    /// What this version does not do is refused, never ignored.
    static void absent(String what, @Nullable Collection<?> values) {
        if (values != null && !values.isEmpty()) {
            throw notYet(what);
        }
    }

    static NotImplemented notYet(String what) {
        return new NotImplemented("not supported by this version of Corten yet: " + what);
    }

    /// The program that makes a container, if it is another one than ours.
    ///
    /// @throws InvalidParameter if there is none of this name
    public static Optional<RuntimeProgram> runtime(String name, ContainerDefaults standard) {
        if (OUR_RUNTIMES.contains(name)) {
            return Optional.empty();
        }
        RuntimeProgram program = standard.otherRuntimes().get(name);
        if (program == null) {
            throw new InvalidParameter("unknown or invalid runtime name: " + name);
        }
        if (program.path().isEmpty()) {
            throw notYet("runtime " + name + ", which is a shim of containerd");
        }
        return Optional.of(program);
    }

    private static void addAll(List<String> to, @Nullable List<String> from) {
        if (from != null) {
            to.addAll(from);
        }
    }
}
