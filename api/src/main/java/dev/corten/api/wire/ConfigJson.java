package dev.corten.api.wire;

import dev.corten.model.NotImplemented;
import dev.corten.model.container.ContainerConfig;
import dev.corten.model.container.DeviceMapping;
import dev.corten.model.container.DeviceRequest;
import dev.corten.model.container.EndpointConfig;
import dev.corten.model.container.HealthConfig;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.LogConfig;
import dev.corten.model.container.MountRequest;
import dev.corten.model.container.PortBinding;
import dev.corten.model.container.RestartPolicy;
import dev.corten.model.container.ThrottleDevice;
import dev.corten.model.container.Ulimit;
import dev.corten.model.container.WeightDevice;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// `Config` and `HostConfig`: what a client asks for, and gets back from inspect.
final class ConfigJson {
    /// Without any of these a request has no `Config`.
    static final List<String> CONFIG_KEYS =
            List.of(
                    "Hostname",
                    "Domainname",
                    "User",
                    "AttachStdin",
                    "AttachStdout",
                    "AttachStderr",
                    "ExposedPorts",
                    "Tty",
                    "OpenStdin",
                    "StdinOnce",
                    "Env",
                    "Cmd",
                    "Healthcheck",
                    "ArgsEscaped",
                    "Image",
                    "Volumes",
                    "WorkingDir",
                    "Entrypoint",
                    "NetworkDisabled",
                    "MacAddress",
                    "OnBuild",
                    "Labels",
                    "StopSignal",
                    "StopTimeout",
                    "Shell");

    private ConfigJson() {}

    // ---- Config --------------------------------------------------------------------------------

    static ContainerConfig readConfig(JsonInput in, ApiVersion version) {
        var config = ContainerConfig.DEFAULT.edit();
        config.hostname = in.text("Hostname");
        config.domainname = in.text("Domainname");
        config.user = in.text("User");
        config.attachStdin = in.flag("AttachStdin");
        config.attachStdout = in.flag("AttachStdout");
        config.attachStderr = in.flag("AttachStderr");
        config.exposedPorts = in.set("ExposedPorts");
        config.tty = in.flag("Tty");
        config.openStdin = in.flag("OpenStdin");
        config.stdinOnce = in.flag("StdinOnce");
        config.env = in.texts("Env");
        config.cmd = in.textOrTexts("Cmd");
        JsonInput health = in.object("Healthcheck");
        config.healthcheck = health == null ? null : readHealth(health, version);
        config.argsEscaped = in.flag("ArgsEscaped");
        config.image = in.text("Image");
        config.volumes = in.set("Volumes");
        config.workingDir = in.text("WorkingDir");
        config.entrypoint = in.textOrTexts("Entrypoint");
        config.networkDisabled = in.flag("NetworkDisabled");
        config.macAddress = in.text("MacAddress");
        config.onBuild = in.texts("OnBuild");
        config.labels = in.map("Labels");
        config.stopSignal = in.text("StopSignal");
        config.stopTimeout = in.has("StopTimeout") ? (Integer) in.smallNumber("StopTimeout") : null;
        config.shell = in.textOrTexts("Shell");
        return config.done();
    }

    private static HealthConfig readHealth(JsonInput in, ApiVersion version) {
        return new HealthConfig(
                in.texts("Test"),
                in.number("Interval"),
                in.number("Timeout"),
                in.number("StartPeriod"),
                version.atLeast(44) ? in.number("StartInterval") : 0,
                in.smallNumber("Retries"));
    }

    static void writeConfig(Json out, ContainerConfig config) {
        out.text("Hostname", config.hostname())
                .text("Domainname", config.domainname())
                .text("User", config.user())
                .flag("AttachStdin", config.attachStdin())
                .flag("AttachStdout", config.attachStdout())
                .flag("AttachStderr", config.attachStderr());
        if (config.exposedPorts() != null && !config.exposedPorts().isEmpty()) {
            out.set("ExposedPorts", config.exposedPorts());
        }
        out.flag("Tty", config.tty())
                .flag("OpenStdin", config.openStdin())
                .flag("StdinOnce", config.stdinOnce())
                .texts("Env", config.env())
                .texts("Cmd", config.cmd());
        if (config.healthcheck() != null) {
            writeHealth(out, config.healthcheck());
        }
        out.flagIfTrue("ArgsEscaped", config.argsEscaped())
                .text("Image", config.image())
                .set("Volumes", config.volumes())
                .text("WorkingDir", config.workingDir())
                .texts("Entrypoint", config.entrypoint())
                .flagIfTrue("NetworkDisabled", config.networkDisabled())
                .textIfAny("MacAddress", config.macAddress())
                .texts("OnBuild", config.onBuild())
                .map("Labels", Objects.requireNonNullElse(config.labels(), Map.of()))
                .textIfAny("StopSignal", config.stopSignal());
        if (config.stopTimeout() != null) {
            out.number("StopTimeout", config.stopTimeout());
        }
        out.textsIfAny("Shell", config.shell());
    }

    static void writeHealth(Json out, HealthConfig health) {
        out.object(
                "Healthcheck",
                h ->
                        h.textsIfAny("Test", health.test())
                                .numberIfAny("Interval", health.interval())
                                .numberIfAny("Timeout", health.timeout())
                                .numberIfAny("StartPeriod", health.startPeriod())
                                .numberIfAny("StartInterval", health.startInterval())
                                .numberIfAny("Retries", health.retries()));
    }

    // ---- HostConfig ----------------------------------------------------------------------------

    static HostConfig readHost(JsonInput in, ApiVersion version) {
        var host = HostConfig.DEFAULT.edit();
        host.binds = in.texts("Binds");
        host.containerIdFile = in.text("ContainerIDFile");
        host.logConfig = readLogConfig(in.object("LogConfig"));
        host.networkMode = in.text("NetworkMode");
        host.portBindings =
                in.listsByKey(
                        "PortBindings", b -> new PortBinding(b.text("HostIp"), b.text("HostPort")));
        host.restartPolicy = readRestartPolicy(in.object("RestartPolicy"));
        host.autoRemove = version.atLeast(25) && in.flag("AutoRemove");
        host.volumeDriver = in.text("VolumeDriver");
        host.volumesFrom = in.texts("VolumesFrom");
        host.consoleSize = version.atLeast(42) ? readConsoleSize(in) : List.of(0, 0);
        host.annotations = in.map("Annotations");
        host.capAdd = in.textOrTexts("CapAdd");
        host.capDrop = in.textOrTexts("CapDrop");
        host.cgroupnsMode = in.text("CgroupnsMode");
        host.dns = in.texts("Dns");
        host.dnsOptions = in.texts("DnsOptions");
        host.dnsSearch = in.texts("DnsSearch");
        host.extraHosts = in.texts("ExtraHosts");
        host.groupAdd = in.texts("GroupAdd");
        host.ipcMode = in.text("IpcMode");
        if (host.ipcMode.isEmpty() && !version.atLeast(40)) {
            host.ipcMode = "shareable";
        }
        host.cgroup = in.text("Cgroup");
        host.links = in.texts("Links");
        host.oomScoreAdj = in.smallNumber("OomScoreAdj");
        host.pidMode = in.text("PidMode");
        host.privileged = in.flag("Privileged");
        host.publishAllPorts = in.flag("PublishAllPorts");
        host.readonlyRootfs = in.flag("ReadonlyRootfs");
        host.securityOpt = in.texts("SecurityOpt");
        host.storageOpt = in.map("StorageOpt");
        host.tmpfs = in.map("Tmpfs");
        host.utsMode = in.text("UTSMode");
        host.usernsMode = in.text("UsernsMode");
        host.shmSize = in.number("ShmSize");
        host.sysctls = in.map("Sysctls");
        host.runtime = in.text("Runtime");
        host.isolation = in.text("Isolation");
        readResources(in, host);
        host.mounts = in.objects("Mounts", mount -> MountJson.read(mount, version));
        host.maskedPaths = in.texts("MaskedPaths");
        host.readonlyPaths = in.texts("ReadonlyPaths");
        host.cgroupConf = in.map("CgroupConf");
        host.rdtClass = in.has("RdtClass") ? in.text("RdtClass") : null;
        host.init = in.flagOrNull("Init");
        return host.done();
    }

    private static void readResources(JsonInput in, HostConfig.Editor host) {
        host.cpuShares = in.number("CpuShares");
        host.memory = in.number("Memory");
        host.nanoCpus = in.number("NanoCpus");
        host.cgroupParent = in.text("CgroupParent");
        host.blkioWeight = in.smallNumber("BlkioWeight");
        host.blkioWeightDevice =
                in.objects(
                        "BlkioWeightDevice",
                        d -> new WeightDevice(d.text("Path"), d.smallNumber("Weight")));
        host.blkioDeviceReadBps = in.objects("BlkioDeviceReadBps", ConfigJson::readThrottle);
        host.blkioDeviceWriteBps = in.objects("BlkioDeviceWriteBps", ConfigJson::readThrottle);
        host.blkioDeviceReadIOps = in.objects("BlkioDeviceReadIOps", ConfigJson::readThrottle);
        host.blkioDeviceWriteIOps = in.objects("BlkioDeviceWriteIOps", ConfigJson::readThrottle);
        host.cpuPeriod = in.number("CpuPeriod");
        host.cpuQuota = in.number("CpuQuota");
        host.cpuRealtimePeriod = in.number("CpuRealtimePeriod");
        host.cpuRealtimeRuntime = in.number("CpuRealtimeRuntime");
        host.cpusetCpus = in.text("CpusetCpus");
        host.cpusetMems = in.text("CpusetMems");
        host.devices =
                in.objects(
                        "Devices",
                        d ->
                                new DeviceMapping(
                                        d.text("PathOnHost"),
                                        d.text("PathInContainer"),
                                        d.text("CgroupPermissions")));
        host.deviceCgroupRules = in.texts("DeviceCgroupRules");
        host.deviceRequests =
                in.objects(
                        "DeviceRequests",
                        d ->
                                new DeviceRequest(
                                        d.text("Driver"),
                                        d.smallNumber("Count"),
                                        d.texts("DeviceIDs"),
                                        d.rows("Capabilities"),
                                        d.map("Options")));
        if (in.number("KernelMemoryTCP") > 0) {
            throw new NotImplemented("limits of the kernel's memory for TCP are not supported");
        }
        host.memoryReservation = in.number("MemoryReservation");
        host.memorySwap = in.number("MemorySwap");
        host.memorySwappiness = in.numberOrNull("MemorySwappiness");
        host.oomKillDisable = in.flagOrNull("OomKillDisable");
        host.pidsLimit = in.numberOrNull("PidsLimit");
        host.ulimits =
                in.objects(
                        "Ulimits",
                        u -> new Ulimit(u.text("Name"), u.number("Hard"), u.number("Soft")));
        host.cpuCount = in.number("CpuCount");
        host.cpuPercent = in.number("CpuPercent");
        host.ioMaximumIOps = in.number("IOMaximumIOps");
        host.ioMaximumBandwidth = in.number("IOMaximumBandwidth");
    }

    private static ThrottleDevice readThrottle(JsonInput in) {
        return new ThrottleDevice(in.text("Path"), in.number("Rate"));
    }

    private static LogConfig readLogConfig(@Nullable JsonInput in) {
        if (in == null) {
            return LogConfig.UNSAID;
        }
        Map<String, String> options = Objects.requireNonNullElse(in.map("Config"), Map.of());
        return new LogConfig(in.text("Type"), options);
    }

    /// What an update may change: the members of a host configuration that are limits, and the
    /// restart policy, whose name is `""` if it shall stay.
    static HostConfig readUpdate(JsonInput in) {
        var host = HostConfig.DEFAULT.edit();
        readResources(in, host);
        JsonInput policy = in.object("RestartPolicy");
        host.restartPolicy =
                policy == null
                        ? new RestartPolicy("", 0)
                        : new RestartPolicy(
                                policy.text("Name"), policy.smallNumber("MaximumRetryCount"));
        return host.done();
    }

    private static RestartPolicy readRestartPolicy(@Nullable JsonInput in) {
        if (in == null) {
            return RestartPolicy.NO;
        }
        String name = in.text("Name");
        return new RestartPolicy(
                name.isEmpty() ? RestartPolicy.NO.name() : name,
                in.smallNumber("MaximumRetryCount"));
    }

    private static List<Integer> readConsoleSize(JsonInput in) {
        List<Long> size = in.numbers("ConsoleSize");
        if (size == null || size.size() != 2) {
            return List.of(0, 0);
        }
        return size.stream().map(n -> Math.clamp(n, 0, 65535)).toList();
    }

    static void writeHost(Json out, HostConfig host) {
        out.texts("Binds", host.binds())
                .text("ContainerIDFile", host.containerIdFile())
                .object(
                        "LogConfig",
                        l ->
                                l.text("Type", host.logConfig().type())
                                        .map("Config", host.logConfig().config()))
                .text("NetworkMode", host.networkMode());
        writePortMap(out, "PortBindings", host.portBindings());
        out.object(
                        "RestartPolicy",
                        r ->
                                r.text("Name", host.restartPolicy().name())
                                        .number(
                                                "MaximumRetryCount",
                                                host.restartPolicy().maximumRetryCount()))
                .flag("AutoRemove", host.autoRemove())
                .text("VolumeDriver", host.volumeDriver())
                .texts("VolumesFrom", host.volumesFrom())
                .numbers("ConsoleSize", host.consoleSize())
                .mapIfAny("Annotations", host.annotations())
                .texts("CapAdd", host.capAdd())
                .texts("CapDrop", host.capDrop())
                .text("CgroupnsMode", host.cgroupnsMode())
                .texts("Dns", host.dns())
                .texts("DnsOptions", host.dnsOptions())
                .texts("DnsSearch", host.dnsSearch())
                .texts("ExtraHosts", host.extraHosts())
                .texts("GroupAdd", host.groupAdd())
                .text("IpcMode", host.ipcMode())
                .text("Cgroup", host.cgroup())
                .texts("Links", host.links())
                .number("OomScoreAdj", host.oomScoreAdj())
                .text("PidMode", host.pidMode())
                .flag("Privileged", host.privileged())
                .flag("PublishAllPorts", host.publishAllPorts())
                .flag("ReadonlyRootfs", host.readonlyRootfs())
                .texts("SecurityOpt", host.securityOpt())
                .mapIfAny("StorageOpt", host.storageOpt())
                .mapIfAny("Tmpfs", host.tmpfs())
                .text("UTSMode", host.utsMode())
                .text("UsernsMode", host.usernsMode())
                .number("ShmSize", host.shmSize())
                .mapIfAny("Sysctls", host.sysctls())
                .textIfAny("Runtime", host.runtime())
                .text("Isolation", host.isolation());
        writeResources(out, host);
        List<MountRequest> mounts = host.mounts();
        if (mounts != null && !mounts.isEmpty()) {
            out.objects("Mounts", mounts, MountJson::write);
        }
        out.texts("MaskedPaths", host.maskedPaths()).texts("ReadonlyPaths", host.readonlyPaths());
        if (host.init() != null) {
            out.flag("Init", host.init());
        }
        // Not Docker's: shown only where somebody has asked for it.
        out.mapIfAny("CgroupConf", host.cgroupConf());
        if (host.rdtClass() != null) {
            out.textIfAny("RdtClass", host.rdtClass());
        }
    }

    private static void writeResources(Json out, HostConfig host) {
        out.number("CpuShares", host.cpuShares())
                .number("Memory", host.memory())
                .number("NanoCpus", host.nanoCpus())
                .text("CgroupParent", host.cgroupParent())
                .number("BlkioWeight", host.blkioWeight())
                .objects(
                        "BlkioWeightDevice",
                        host.blkioWeightDevice(),
                        (o, d) -> o.text("Path", d.path()).number("Weight", d.weight()))
                .objects("BlkioDeviceReadBps", host.blkioDeviceReadBps(), ConfigJson::writeThrottle)
                .objects(
                        "BlkioDeviceWriteBps",
                        host.blkioDeviceWriteBps(),
                        ConfigJson::writeThrottle)
                .objects(
                        "BlkioDeviceReadIOps",
                        host.blkioDeviceReadIOps(),
                        ConfigJson::writeThrottle)
                .objects(
                        "BlkioDeviceWriteIOps",
                        host.blkioDeviceWriteIOps(),
                        ConfigJson::writeThrottle)
                .number("CpuPeriod", host.cpuPeriod())
                .number("CpuQuota", host.cpuQuota())
                .number("CpuRealtimePeriod", host.cpuRealtimePeriod())
                .number("CpuRealtimeRuntime", host.cpuRealtimeRuntime())
                .text("CpusetCpus", host.cpusetCpus())
                .text("CpusetMems", host.cpusetMems())
                .objects(
                        "Devices",
                        host.devices(),
                        (o, d) ->
                                o.text("PathOnHost", d.pathOnHost())
                                        .text("PathInContainer", d.pathInContainer())
                                        .text("CgroupPermissions", d.cgroupPermissions()))
                .texts("DeviceCgroupRules", host.deviceCgroupRules())
                .objects("DeviceRequests", host.deviceRequests(), ConfigJson::writeDeviceRequest)
                .number("MemoryReservation", host.memoryReservation())
                .number("MemorySwap", host.memorySwap())
                .numberOrNull("MemorySwappiness", host.memorySwappiness())
                .flagOrNull("OomKillDisable", host.oomKillDisable())
                .numberOrNull("PidsLimit", host.pidsLimit())
                .objects(
                        "Ulimits",
                        host.ulimits(),
                        (o, u) ->
                                o.text("Name", u.name())
                                        .number("Hard", u.hard())
                                        .number("Soft", u.soft()))
                .number("CpuCount", host.cpuCount())
                .number("CpuPercent", host.cpuPercent())
                .number("IOMaximumIOps", host.ioMaximumIOps())
                .number("IOMaximumBandwidth", host.ioMaximumBandwidth());
    }

    private static void writeThrottle(Json out, ThrottleDevice device) {
        out.text("Path", device.path()).number("Rate", device.rate());
    }

    private static void writeDeviceRequest(Json out, DeviceRequest request) {
        out.text("Driver", request.driver())
                .number("Count", request.count())
                .texts("DeviceIDs", request.deviceIds())
                .rows("Capabilities", request.capabilities())
                .map("Options", request.options());
    }

    /// A map of ports; one that is exposed and not published has `null`.
    static void writePortMap(Json out, String key, @Nullable Map<String, List<PortBinding>> ports) {
        out.objectOrNull(
                key,
                ports != null,
                o -> {
                    if (ports == null) {
                        return;
                    }
                    new TreeMap<>(ports)
                            .forEach((port, bindings) ->
                                    o.objects(
                                            port,
                                            bindings.isEmpty() ? null : bindings,
                                            (b, binding) ->
                                                    b.text("HostIp", binding.hostIp())
                                                            .text("HostPort", binding.hostPort())));
                });
    }

    // ---- endpoints -----------------------------------------------------------------------------

    static EndpointConfig readEndpoint(JsonInput in, ApiVersion version) {
        return new EndpointConfig(
                in.raw("IPAMConfig"),
                in.texts("Links"),
                in.texts("Aliases"),
                version.atLeast(44) ? in.text("MacAddress") : "",
                in.map("DriverOpts"),
                in.smallNumber("GwPriority"));
    }
}
