package dev.corten.engine.container;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.kernel.process.Signals;
import dev.corten.model.Conflict;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.LogConfig;
import dev.corten.model.container.PortBinding;
import dev.corten.model.container.RestartPolicy;
import dev.corten.model.container.Ulimit;
import dev.corten.model.image.ImageConfig;
import dev.corten.model.oci.Capability;
import dev.corten.network.PublishRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Checks what a client asks for before anything is done, fills in what it left to the image and to
/// the engine, and says clearly what is not there yet. Messages are Docker's where Docker has the
/// case.
public final class CreateRules {
    private static final long MIN_MEMORY_BYTES = 6L * 1024 * 1024;
    private static final long DEFAULT_SHM_BYTES = 64L * 1024 * 1024;
    private static final Set<String> LOG_OPTIONS =
            Set.of(
                    "max-size",
                    "max-file",
                    "compress",
                    "labels",
                    "labels-regex",
                    "env",
                    "env-regex",
                    "tag",
                    "mode",
                    "max-buffer-size");
    private static final Set<String> RUNTIMES =
            Set.of("", "corten", "runc", "io.containerd.runc.v2");

    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");

    private final int processors;
    private final CgroupSupport cgroups;
    private final List<String> maskedPaths;
    private final List<String> readonlyPaths;

    /// @param processors of this host
    /// @param cgroups what the kernel can limit
    /// @param maskedPaths hidden unless a request says otherwise
    /// @param readonlyPaths not writable unless a request says otherwise
    public CreateRules(
            int processors,
            CgroupSupport cgroups,
            List<String> maskedPaths,
            List<String> readonlyPaths) {
        this.processors = processors;
        this.cgroups = cgroups;
        this.maskedPaths = List.copyOf(maskedPaths);
        this.readonlyPaths = List.copyOf(readonlyPaths);
    }

    /// @param config with the image's settings merged in
    /// @param host normalised
    /// @param path the program
    record Resolved(
            ContainerConfig config,
            HostConfig host,
            String path,
            List<String> args,
            Map<String, EndpointConfig> endpoints,
            List<String> warnings) {}

    Resolved resolve(CreateRequest request, ImageConfig image) {
        var warnings = new ArrayList<String>();
        ContainerConfig config = merge(request.config(), image);
        checkConfig(config, request.config(), image, warnings);
        HostConfig host = normalise(request.host(), warnings);
        var command = new ArrayList<String>();
        addAll(command, config.entrypoint());
        addAll(command, config.cmd());
        if (command.isEmpty() || command.getFirst().isEmpty()) {
            throw new InvalidParameter("no command specified");
        }
        String mode = host.networkMode();
        Map<String, EndpointConfig> endpoints = endpoints(request, mode);
        if (mode.equals("host")
                && (host.publishAllPorts()
                        || (host.portBindings() != null && !host.portBindings().isEmpty()))) {
            warnings.add("Published ports are discarded when using host network mode");
        }
        return new Resolved(
                config,
                host,
                command.getFirst(),
                List.copyOf(command.subList(1, command.size())),
                endpoints,
                warnings);
    }

    /// The image's settings where the request has none (behaviour of Docker 28).
    private static ContainerConfig merge(ContainerConfig request, ImageConfig image) {
        var merged = request.edit();
        merged.env = mergeEnv(request.env(), image.env());
        if (isEmpty(request.entrypoint()) && isEmpty(request.cmd())) {
            merged.cmd = image.cmd();
        }
        if (request.entrypoint() == null) {
            merged.entrypoint = image.entrypoint();
            // A given command replaces the image's; a given entrypoint resets it.
        } else if (request.entrypoint().equals(List.of(""))) {
            merged.entrypoint = null;
        }
        if (request.user().isEmpty()) {
            merged.user = orEmpty(image.user());
        }
        if (request.workingDir().isEmpty()) {
            merged.workingDir = orEmpty(image.workingDir());
        }
        if (request.stopSignal().isEmpty()) {
            merged.stopSignal = orEmpty(image.stopSignal());
        }
        if (request.shell() == null) {
            merged.shell = image.shell();
        }
        var labels = new TreeMap<String, String>();
        if (image.labels() != null) {
            labels.putAll(image.labels());
        }
        if (request.labels() != null) {
            labels.putAll(request.labels());
        }
        merged.labels = labels;
        var ports = new TreeSet<String>();
        if (image.exposedPorts() != null) {
            ports.addAll(image.exposedPorts());
        }
        if (request.exposedPorts() != null) {
            ports.addAll(request.exposedPorts());
        }
        merged.exposedPorts = ports.isEmpty() ? null : ports;
        return merged.done();
    }

    private static @Nullable List<String> mergeEnv(
            @Nullable List<String> request, @Nullable List<String> image) {
        if (isEmpty(image)) {
            return request;
        }
        var env = new ArrayList<String>();
        addAll(env, request);
        if (image != null) {
            for (String inherited : image) {
                String key = key(inherited);
                if (env.stream().noneMatch(own -> key(own).equals(key))) {
                    env.add(inherited);
                }
            }
        }
        return env;
    }

    private static String key(String variable) {
        int equals = variable.indexOf('=');
        return equals < 0 ? variable : variable.substring(0, equals);
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
        boolean requestedVolumes = requested.volumes() != null && !requested.volumes().isEmpty();
        boolean imageVolumes = image.volumes() != null && !image.volumes().isEmpty();
        if (requestedVolumes || imageVolumes) {
            throw notYet(
                    imageVolumes
                            ? "volumes: the image declares VOLUME " + image.volumes()
                            : "volumes");
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

    private HostConfig normalise(HostConfig request, List<String> warnings) {
        refuse(request);
        var host = request.edit();
        if (request.networkMode().isEmpty() || request.networkMode().equals("default")) {
            host.networkMode = "bridge";
        }
        if (request.restartPolicy().name().isEmpty()) {
            host.restartPolicy = RestartPolicy.NO;
        }
        restart(host.restartPolicy, request.autoRemove());
        if (request.ipcMode().isEmpty()) {
            host.ipcMode = "private";
        }
        if (request.cgroupnsMode().isEmpty()) {
            host.cgroupnsMode = cgroups.version().equals("1") ? "host" : "private";
        } else if (!request.cgroupnsMode().equals("host")
                && !request.cgroupnsMode().equals("private")) {
            throw new InvalidParameter("invalid cgroup namespace mode: " + request.cgroupnsMode());
        }
        namespaceMode("PID", request.pidMode(), Set.of("", "host", "private"));
        namespaceMode("IPC", host.ipcMode, Set.of("private", "host", "none", "shareable"));
        namespaceMode("UTS", request.utsMode(), Set.of("", "host"));
        if (request.shmSize() < 0) {
            throw new InvalidParameter("SHM size can not be less than 0");
        }
        if (request.shmSize() == 0) {
            host.shmSize = DEFAULT_SHM_BYTES;
        }
        if (request.pidsLimit() != null && request.pidsLimit() <= 0) {
            host.pidsLimit = null;
        }
        if (!cgroups.oomKillDisable()) {
            if (Boolean.TRUE.equals(request.oomKillDisable())) {
                warnings.add(
                        "Your kernel does not support OomKillDisable. OomKillDisable discarded.");
            }
            host.oomKillDisable = null;
        } else if (request.oomKillDisable() == null) {
            host.oomKillDisable = false;
        }
        host.securityOpt = securityOptions(request, host.ipcMode);
        if (request.runtime().isEmpty()) {
            host.runtime = "runc";
        }
        host.logConfig = logConfig(request.logConfig());
        memory(request, host, warnings);
        cpu(request);
        capabilities("CapAdd", request.capAdd());
        capabilities("CapDrop", request.capDrop());
        ulimits(request.ulimits());
        ports(request.portBindings());
        texts(request);
        if (request.privileged()) {
            host.maskedPaths = null;
            host.readonlyPaths = null;
        } else {
            host.maskedPaths = request.maskedPaths() == null ? maskedPaths : request.maskedPaths();
            host.readonlyPaths =
                    request.readonlyPaths() == null ? readonlyPaths : request.readonlyPaths();
        }
        return host.done();
    }

    /// What would otherwise only be found at the start.
    private static void texts(HostConfig request) {
        if (request.oomScoreAdj() < -1000 || request.oomScoreAdj() > 1000) {
            throw new InvalidParameter(
                    "Invalid value "
                            + request.oomScoreAdj()
                            + ", range for oom score adj is [-1000, 1000]");
        }
        if (request.extraHosts() != null) {
            for (String host : request.extraHosts()) {
                if (host.indexOf(':') < 0 && host.indexOf('=') < 0) {
                    throw new InvalidParameter("bad format for add-host: \"" + host + "\"");
                }
            }
        }
        if (request.tmpfs() != null) {
            for (String path : request.tmpfs().keySet()) {
                if (!path.startsWith("/")) {
                    throw new InvalidParameter(
                            "invalid mount path: '" + path + "' mount path must be absolute");
                }
            }
        }
        if (request.securityOpt() != null) {
            SpecWriter.SecurityOptions.parse(request.securityOpt());
        }
    }

    /// Who shares the host's processes or is privileged is without a label, unless the request names
    /// one: so Docker shows it, also where there is no SELinux.
    private static @Nullable List<String> securityOptions(HostConfig request, String ipcMode) {
        List<String> given = request.securityOpt() == null ? List.of() : request.securityOpt();
        boolean open =
                request.privileged() || request.pidMode().equals("host") || ipcMode.equals("host");
        if (!open || given.stream().anyMatch(o -> o.startsWith("label"))) {
            return request.securityOpt();
        }
        var all = new ArrayList<String>(given);
        all.add("label=disable");
        return all;
    }

    /// What this version does not do is refused, never ignored.
    private static void refuse(HostConfig host) {
        absent("bind mounts and volumes (-v)", host.binds());
        absent("mounts (--mount)", host.mounts());
        absent("--volumes-from", host.volumesFrom());
        absent("links", host.links());
        absent("device requests (--gpus)", host.deviceRequests());
        absent("device cgroup rules", host.deviceCgroupRules());
        if (host.storageOpt() != null && !host.storageOpt().isEmpty()) {
            throw notYet("storage options");
        }
        if (!host.usernsMode().isEmpty() && !host.usernsMode().equals("host")) {
            throw notYet("user namespaces");
        }
        if (!host.cgroupParent().isEmpty()) {
            throw notYet("cgroup parents");
        }
        if (!host.volumeDriver().isEmpty() && !host.volumeDriver().equals("local")) {
            throw notYet("volume drivers");
        }
        if (!host.isolation().isEmpty() && !host.isolation().equals("default")) {
            throw new InvalidParameter(
                    "invalid isolation (" + host.isolation() + "): linux only supports 'default'");
        }
        if (!RUNTIMES.contains(host.runtime())) {
            throw new InvalidParameter("unknown or invalid runtime name: " + host.runtime());
        }
    }

    private static void absent(String what, @Nullable Collection<?> values) {
        if (values != null && !values.isEmpty()) {
            throw notYet(what);
        }
    }

    private static NotImplemented notYet(String what) {
        return new NotImplemented("not supported by this version of Corten yet: " + what);
    }

    private static void restart(RestartPolicy policy, boolean autoRemove) {
        switch (policy.name()) {
            case "no" -> {
                if (policy.maximumRetryCount() != 0) {
                    throw new InvalidParameter(
                            "invalid restart policy: maximum retry count can only be used with"
                                    + " 'on-failure'");
                }
            }
            case "always", "unless-stopped", "on-failure" -> {
                if (autoRemove) {
                    throw new InvalidParameter(
                            "can't create 'AutoRemove' container with restart policy");
                }
                throw notYet("restart policies");
            }
            default ->
                    throw new InvalidParameter(
                            "invalid restart policy: unknown policy '"
                                    + policy.name()
                                    + "'; use one of 'no', 'always', 'on-failure', or"
                                    + " 'unless-stopped'");
        }
    }

    private static void namespaceMode(String kind, String mode, Set<String> known) {
        if (mode.startsWith("container:")) {
            throw notYet("sharing the " + kind + " namespace of another container");
        }
        if (!known.contains(mode)) {
            throw new InvalidParameter("invalid " + kind + " mode: " + mode);
        }
    }

    private static LogConfig logConfig(LogConfig requested) {
        String type = requested.type().isEmpty() ? "json-file" : requested.type();
        switch (type) {
            case "json-file" -> {
                for (String option : requested.config().keySet()) {
                    if (!LOG_OPTIONS.contains(option)) {
                        throw new InvalidParameter(
                                "unknown log opt '" + option + "' for json-file log driver");
                    }
                }
                for (String option : requested.config().keySet()) {
                    if (!option.equals("max-size")
                            && !option.equals("max-file")
                            && !(option.equals("mode")
                                    && requested.config().get(option).equals("blocking"))) {
                        throw notYet("log option " + option);
                    }
                }
            }
            case "none" -> {}
            case "local", "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "gcplogs" ->
                    throw notYet("log driver " + type);
            default ->
                    throw new InvalidParameter(
                            "error looking up logging plugin "
                                    + type
                                    + ": plugin \""
                                    + type
                                    + "\" not found");
        }
        return new LogConfig(type, requested.config());
    }

    private void memory(HostConfig request, HostConfig.Editor host, List<String> warnings) {
        long memory = request.memory();
        long swap = request.memorySwap();
        if (memory != 0 && memory < MIN_MEMORY_BYTES) {
            throw new InvalidParameter("Minimum memory limit allowed is 6MB");
        }
        if (memory > 0 && swap > 0 && swap < memory) {
            throw new InvalidParameter(
                    "Minimum memoryswap limit should be larger than memory limit, see usage");
        }
        if (memory == 0 && swap > 0) {
            throw new InvalidParameter(
                    "You should always set the Memory limit when using Memoryswap limit, see"
                            + " usage");
        }
        if (memory > 0 && request.memoryReservation() > memory) {
            throw new InvalidParameter(
                    "Minimum memory limit can not be less than memory reservation limit, see"
                            + " usage");
        }
        if (request.memoryReservation() != 0 && request.memoryReservation() < MIN_MEMORY_BYTES) {
            throw new InvalidParameter("Minimum memory reservation allowed is 6MB");
        }
        if (memory > 0 && swap == 0) {
            host.memorySwap = 2 * memory;
        }
        if (memory > 0 && !cgroups.swapLimit()) {
            warnings.add(
                    "Your kernel does not support swap limit capabilities or the cgroup is not"
                            + " mounted. Memory limited without swap.");
            host.memorySwap = -1;
        }
        Long swappiness = request.memorySwappiness();
        if (swappiness != null) {
            if (swappiness == -1) {
                host.memorySwappiness = null;
            } else if (swappiness < 0 || swappiness > 100) {
                throw new InvalidParameter(
                        "Invalid value: "
                                + swappiness
                                + ", valid memory swappiness range is"
                                + " 0-100");
            }
        }
    }

    private void cpu(HostConfig request) {
        long nano = request.nanoCpus();
        if (nano > 0 && request.cpuPeriod() > 0) {
            throw new InvalidParameter(
                    "Conflicting options: Nano CPUs and CPU Period cannot both be set");
        }
        if (nano > 0 && request.cpuQuota() > 0) {
            throw new InvalidParameter(
                    "Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        }
        if (nano < 0 || nano > processors * 1_000_000_000L) {
            throw new InvalidParameter(
                    String.format(
                            Locale.ROOT,
                            "range of CPUs is from 0.01 to %d.00, as there are only %d CPUs"
                                    + " available",
                            processors,
                            processors));
        }
        long period = request.cpuPeriod();
        if (period != 0 && (period < 1000 || period > 1_000_000)) {
            throw new InvalidParameter(
                    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e."
                            + " 1000000)");
        }
        if (request.cpuQuota() > 0 && request.cpuQuota() < 1000) {
            throw new InvalidParameter("CPU cfs quota can not be less than 1ms (i.e. 1000)");
        }
    }

    private static void capabilities(String field, @Nullable List<String> names) {
        if (names == null) {
            return;
        }
        for (String name : names) {
            String upper = name.toUpperCase(Locale.ROOT);
            if (!upper.equals("ALL") && Capability.find(upper).isEmpty()) {
                String shown = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
                throw new InvalidParameter(
                        "invalid " + field + ": unknown capability: \"" + shown + "\"");
            }
        }
    }

    private static void ulimits(@Nullable List<Ulimit> ulimits) {
        if (ulimits == null) {
            return;
        }
        for (Ulimit ulimit : ulimits) {
            if (ulimit.soft() > ulimit.hard() && ulimit.hard() != -1) {
                throw new InvalidParameter(
                        "ulimit soft limit must be less than or equal to hard limit: "
                                + ulimit.soft()
                                + " > "
                                + ulimit.hard());
            }
        }
    }

    private static void ports(@Nullable Map<String, List<PortBinding>> bindings) {
        if (bindings != null) {
            PublishRequest.parse(bindings);
        }
    }

    private static Map<String, EndpointConfig> endpoints(CreateRequest request, String mode) {
        boolean own = mode.equals("bridge");
        boolean known =
                own || mode.equals("none") || mode.equals("host") || mode.startsWith("container:");
        if (!known) {
            throw notYet("user-defined networks (" + mode + ")");
        }
        if (mode.startsWith("container:") && !request.config().hostname().isEmpty()) {
            throw new InvalidParameter("conflicting options: hostname and the network mode");
        }
        var endpoints = new LinkedHashMap<String, EndpointConfig>();
        for (var endpoint : request.endpoints().entrySet()) {
            String name = endpoint.getKey().equals("default") ? "bridge" : endpoint.getKey();
            if (!name.equals(mode)) {
                throw notYet("more than one network, and user-defined networks (" + name + ")");
            }
            endpoints.put(name, endpoint.getValue());
        }
        if (!mode.startsWith("container:")) {
            endpoints.putIfAbsent(mode, EndpointConfig.EMPTY);
        }
        if (own && !request.config().macAddress().isEmpty()) {
            endpoints.computeIfPresent(
                    mode, (_, e) -> e.orMacAddress(request.config().macAddress()));
        }
        for (EndpointConfig endpoint : endpoints.values()) {
            if (!endpoint.macAddress().isEmpty() && !MAC.matcher(endpoint.macAddress()).matches()) {
                throw new InvalidParameter(
                        "invalid config for network "
                                + mode
                                + ": invalid MAC address "
                                + endpoint.macAddress());
            }
        }
        if (own && endpoints.size() > 1) {
            throw new Conflict("Container cannot be connected to several networks");
        }
        return endpoints;
    }

    private static void addAll(List<String> to, @Nullable List<String> from) {
        if (from != null) {
            to.addAll(from);
        }
    }

    private static boolean isEmpty(@Nullable Collection<?> values) {
        return values == null || values.isEmpty();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
