package dev.corten.api.wire;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.engine.system.Configuration;
import dev.corten.engine.system.EngineInfo;
import dev.corten.model.Release;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// `version` and `info`.
public final class SystemJson {
    private static final List<String> LOG_DRIVERS = List.of("json-file", "local");
    private static final List<String> NETWORK_DRIVERS = List.of("bridge", "host", "null");

    private SystemJson() {}

    /// What was built.
    ///
    /// @param dockerVersion the level of compatibility
    /// @param architecture Go's word: `amd64`
    public record Build(
            String dockerVersion,
            Release release,
            String architecture,
            String kernelVersion,
            ApiVersion oldest,
            boolean experimental) {
        /// Where other daemons name their Go.
        String runtime() {
            return "java" + Runtime.version().feature();
        }
    }

    public static Json.Document version(Build build) {
        return Json.object(o -> writeVersion(o, build));
    }

    private static void writeVersion(Json o, Build build) {
        o.object("Platform", p -> p.text("Name", "Corten " + build.release().version()))
                .objects(
                        "Components",
                        List.of("Engine", "corten"),
                        (c, name) -> writeComponent(c, name, build))
                .text("Version", build.dockerVersion())
                .text("ApiVersion", ApiVersion.NEWEST.toString())
                .text("MinAPIVersion", build.oldest().toString())
                .text("GitCommit", build.release().commit())
                .text("GoVersion", build.runtime())
                .text("Os", "linux")
                .text("Arch", build.architecture())
                .text("KernelVersion", build.kernelVersion());
        if (build.experimental()) {
            o.flag("Experimental", true);
        }
        o.text("BuildTime", build.release().time());
    }

    private static void writeComponent(Json out, String name, Build build) {
        boolean engine = name.equals("Engine");
        out.text("Name", name)
                .text("Version", engine ? build.dockerVersion() : build.release().version())
                .object(
                        "Details",
                        d -> {
                            if (!engine) {
                                d.text("GitCommit", build.release().commit());
                                return;
                            }
                            d.text("ApiVersion", ApiVersion.NEWEST.toString())
                                    .text("Arch", build.architecture())
                                    .text("BuildTime", build.release().time())
                                    .text("Experimental", Boolean.toString(build.experimental()))
                                    .text("GitCommit", build.release().commit())
                                    .text("GoVersion", build.runtime())
                                    .text("KernelVersion", build.kernelVersion())
                                    .text("MinAPIVersion", build.oldest().toString())
                                    .text("Os", "linux");
                        });
    }

    /// Members were sorted until 1.49.
    public static Json.Document info(EngineInfo info, Build build, ApiVersion version) {
        Consumer<Json> members = o -> writeInfo(o, info, build, version);
        return version.atLeast(50) ? Json.object(members) : Json.sortedObject(members);
    }

    private static void writeInfo(Json o, EngineInfo info, Build build, ApiVersion version) {
        o.text("ID", info.id())
                .number("Containers", info.containers())
                .number("ContainersRunning", info.running())
                .number("ContainersPaused", info.paused())
                .number("ContainersStopped", info.stopped())
                .number("Images", info.images())
                .text("Driver", info.driver())
                .rows(
                        "DriverStatus",
                        info.driverStatus().isEmpty() ? null : pairs(info.driverStatus()))
                .object("Plugins", SystemJson::writePlugins);
        writeKernel(o, info, version);
        writeHost(o, info, build, version);
        writeRuntimes(o, info.configuration(), version);
        o.texts("Warnings", info.warnings().isEmpty() ? null : info.warnings());
    }

    private static List<List<String>> pairs(List<Map.Entry<String, String>> status) {
        return status.stream().map(e -> List.of(e.getKey(), e.getValue())).toList();
    }

    private static void writePlugins(Json out) {
        out.texts("Volume", List.of("local"))
                .texts("Network", NETWORK_DRIVERS)
                .none("Authorization")
                .texts("Log", LOG_DRIVERS);
    }

    private static void writeKernel(Json out, EngineInfo info, ApiVersion version) {
        CgroupSupport cgroups = info.cgroups();
        out.flag("MemoryLimit", cgroups.memoryLimit()).flag("SwapLimit", cgroups.swapLimit());
        if (!version.atLeast(42)) {
            out.flag("KernelMemory", false);
        }
        out.flag("KernelMemoryTCP", cgroups.kernelMemoryTcp())
                .flag("CpuCfsPeriod", cgroups.cpuCfsPeriod())
                .flag("CpuCfsQuota", cgroups.cpuCfsQuota())
                .flag("CPUShares", cgroups.cpuShares())
                .flag("CPUSet", cgroups.cpuset())
                .flag("PidsLimit", cgroups.pidsLimit())
                .flag("IPv4Forwarding", info.ipv4Forwarding());
        if (!version.atLeast(50)) {
            // Our firewall is nftables: bridged packets need not pass iptables.
            out.flag("BridgeNfIptables", true).flag("BridgeNfIp6tables", true);
        }
        Configuration settings = info.configuration();
        out.flag("Debug", settings.debug())
                .number("NFd", info.openFiles())
                .flag("OomKillDisable", cgroups.oomKillDisable())
                .number("NGoroutines", info.threads())
                .time("SystemTime", info.systemTime())
                .text("LoggingDriver", settings.loggingDriver())
                .text("CgroupDriver", "cgroupfs")
                .text("CgroupVersion", cgroups.version())
                .number("NEventsListener", info.eventListeners());
    }

    private static void writeHost(Json out, EngineInfo info, Build build, ApiVersion version) {
        Configuration settings = info.configuration();
        out.text("KernelVersion", info.kernelVersion())
                .text("OperatingSystem", info.operatingSystem())
                .text("OSVersion", info.osVersion())
                .text("OSType", "linux")
                .text("Architecture", info.architecture())
                .text("IndexServerAddress", "https://index.docker.io/v1/")
                .object("RegistryConfig", r -> RegistryJson.write(r, settings, version))
                .number("NCPU", info.processors())
                .number("MemTotal", info.memTotal());
        writeResources(out, settings.genericResources());
        out.text("DockerRootDir", info.dataRoot())
                .text("HttpProxy", settings.proxies().http())
                .text("HttpsProxy", settings.proxies().https())
                .text("NoProxy", settings.proxies().none())
                .text("Name", info.hostName())
                .texts("Labels", settings.labels())
                .flag("ExperimentalBuild", settings.experimental())
                .text("ServerVersion", build.dockerVersion());
    }

    /// A number is so much of a thing; any other value is one thing with that name.
    private static void writeResources(Json out, List<String> resources) {
        if (resources.isEmpty()) {
            out.none("GenericResources");
            return;
        }
        out.objects(
                "GenericResources",
                resources,
                (o, resource) -> {
                    int equals = resource.indexOf('=');
                    String kind = resource.substring(0, equals);
                    String value = resource.substring(equals + 1);
                    if (value.matches("\\d{1,18}")) {
                        o.object(
                                "DiscreteResourceSpec",
                                d -> d.text("Kind", kind).number("Value", Long.parseLong(value)));
                    } else {
                        o.object(
                                "NamedResourceSpec",
                                n -> n.text("Kind", kind).text("Value", value));
                    }
                });
    }

    private static void writeRuntimes(Json out, Configuration settings, ApiVersion version) {
        out.object(
                        "Runtimes",
                        r ->
                                settings.runtimes()
                                        .forEach((name, path) ->
                                                r.object(name, one -> writeRuntime(one, path))))
                .text("DefaultRuntime", settings.defaultRuntime())
                .object("Swarm", SystemJson::writeSwarm)
                .flag("LiveRestoreEnabled", settings.liveRestore())
                .text("Isolation", "")
                .text("InitBinary", "docker-init")
                .object("ContainerdCommit", c -> c.text("ID", ""))
                .object("RuncCommit", c -> c.text("ID", ""))
                .object("InitCommit", c -> c.text("ID", ""))
                .texts("SecurityOptions", securityOptions(settings, version.atLeast(25)));
        if (!settings.addressPools().isEmpty()) {
            out.objects(
                    "DefaultAddressPools",
                    settings.addressPools(),
                    (o, pool) -> o.text("Base", pool.base()).number("Size", pool.size()));
        }
        if (version.atLeast(49)) {
            out.object("FirewallBackend", f -> f.text("Driver", "nftables"));
        }
        out.texts("CDISpecDirs", settings.cdiSpecDirs());
    }

    /// A type of containerd has no path.
    private static void writeRuntime(Json out, String path) {
        if (!path.isEmpty()) {
            out.text("path", path);
        }
    }

    /// @param described with names and properties, or bare as old clients know them
    private static List<String> securityOptions(Configuration settings, boolean described) {
        var options = new ArrayList<String>();
        if (settings.appArmor()) {
            options.add(described ? "name=apparmor" : "apparmor");
        }
        options.add(described ? "name=seccomp,profile=" + settings.seccompProfile() : "seccomp");
        if (settings.cgroupNamespaces()) {
            options.add(described ? "name=cgroupns" : "cgroupns");
        }
        if (settings.noNewPrivileges()) {
            options.add(described ? "name=no-new-privileges" : "no-new-privileges");
        }
        return options;
    }

    private static void writeSwarm(Json out) {
        out.text("NodeID", "")
                .text("NodeAddr", "")
                .text("LocalNodeState", "inactive")
                .flag("ControlAvailable", false)
                .text("Error", "")
                .none("RemoteManagers");
    }
}
