package dev.corten.cli.container;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.LocalFiles;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.flags.KeyValues;
import dev.corten.cli.option.Addresses;
import dev.corten.cli.option.DeviceOption;
import dev.corten.cli.option.MountOption;
import dev.corten.cli.option.PortSpecs;
import dev.corten.cli.option.RestartOption;
import dev.corten.cli.setup.ConfigFile;
import dev.corten.cli.text.Quantity;
import dev.corten.client.Endpoint;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The body of `POST /containers/create`, made of the options of `run` and `create`.
///
/// Everything that the parser knows is sent: an option that the daemon does not have is for the
/// daemon to refuse, never for us to forget. Members stand in Docker's order.
final class ContainerBody {
    /// Where clients in the container look for a daemon.
    private static final String SOCKET_INSIDE = "/var/run/docker.sock";

    private final Flags flags;
    private final Invocation invocation;
    private final boolean attachIn;
    private final boolean attachOut;
    private final boolean attachErr;
    private final PortSpecs ports = new PortSpecs();
    private final List<String> binds = new ArrayList<>();
    private final TreeMap<String, Boolean> volumes = new TreeMap<>();
    private final List<String> securityOptions = new ArrayList<>();
    private boolean systemPathsUnconfined;
    private String apiSocket = "";

    ContainerBody(Invocation invocation, boolean attachIn, boolean attachOut, boolean attachErr) {
        this.invocation = invocation;
        this.flags = invocation.flags();
        this.attachIn = attachIn;
        this.attachOut = attachOut;
        this.attachErr = attachErr;
    }

    /// What the caller gives, and the proxies of the configuration that it does not name.
    private List<String> environment() throws IOException {
        List<String> variables = KeyValues.environment(flags, invocation.environment());
        new Proxies(invocation.setup()).addTo(variables);
        return variables;
    }

    /// @param image the reference as typed
    /// @param command after the image; empty for the image's own
    JsonWriter write(String image, List<String> command) throws IOException {
        NamespaceOptions.check(flags);
        for (String spec : flags.list("publish")) {
            ports.publish(spec);
        }
        for (String spec : flags.list("expose")) {
            ports.expose(spec);
        }
        splitVolumes();
        readSecurityOptions();
        if (flags.isSet("use-api-socket")) {
            apiSocket = ownSocket();
            warnOfCredentials();
        }
        var json = new JsonWriter();
        json.object();
        writeConfig(json, image, command);
        json.name("HostConfig");
        writeHostConfig(json);
        json.name("NetworkingConfig");
        new NetworkOptions(flags).writeEndpoints(json);
        return json.end();
    }

    /// Docker's command line copies them into the container, which our daemon cannot do yet.
    private void warnOfCredentials() throws IOException {
        ConfigFile config = invocation.setup().config();
        boolean some =
                !config.get("auths").members().isEmpty()
                        || !config.get("credHelpers").members().isEmpty()
                        || !config.text("credsStore").isEmpty();
        if (some && environment().stream().noneMatch(v -> v.startsWith("DOCKER_CONFIG="))) {
            invocation.warn(
                    "WARNING: --use-api-socket shares the socket, and no credentials of"
                            + " registries.");
        }
    }

    /// Where the daemon listens on this host.
    private String ownSocket() throws IOException {
        if (invocation.setup().daemon().dialer() instanceof Endpoint endpoint
                && endpoint.isUnix()) {
            return endpoint.unixPath();
        }
        throw new Refusal("flag --use-api-socket can only be used with unix sockets");
    }

    private void writeConfig(JsonWriter json, String image, List<String> command)
            throws IOException {
        boolean interactive = flags.isSet("interactive");
        text(json, "Hostname", "hostname");
        text(json, "Domainname", "domainname");
        text(json, "User", "user");
        json.name("AttachStdin").value(attachIn);
        json.name("AttachStdout").value(attachOut);
        json.name("AttachStderr").value(attachErr);
        if (!ports.isEmpty()) {
            json.name("ExposedPorts");
            ports.writeExposed(json);
        }
        json.name("Tty").value(flags.isSet("tty"));
        json.name("OpenStdin").value(interactive);
        json.name("StdinOnce").value(interactive && attachIn);
        list(json, "Env", environment());
        list(json, "Cmd", command);
        HealthOptions.write(json, flags);
        json.name("Image").value(image);
        json.name("Volumes").object();
        for (String volume : volumes.keySet()) {
            json.name(volume).object().end();
        }
        json.end();
        text(json, "WorkingDir", "workdir");
        list(
                json,
                "Entrypoint",
                flags.isGiven("entrypoint") ? List.of(flags.text("entrypoint")) : List.of());
        json.name("OnBuild").nothing();
        json.name("Labels").values(KeyValues.labels(flags));
        if (flags.isGiven("stop-signal")) {
            text(json, "StopSignal", "stop-signal");
        }
        if (flags.isGiven("stop-timeout")) {
            json.name("StopTimeout").value(flags.integer("stop-timeout", 0));
        }
    }

    private void writeHostConfig(JsonWriter json) throws IOException {
        json.object();
        list(json, "Binds", binds);
        text(json, "ContainerIDFile", "cidfile");
        json.name("LogConfig").object();
        text(json, "Type", "log-driver");
        json.name("Config").values(KeyValues.map(flags.list("log-opt"))).end();
        json.name("NetworkMode").value(new NetworkOptions(flags).mode());
        json.name("PortBindings");
        ports.writeBindings(json);
        writeRestartPolicy(json);
        json.name("AutoRemove").value(flags.isSet("rm"));
        text(json, "VolumeDriver", "volume-driver");
        list(json, "VolumesFrom", flags.list("volumes-from"));
        json.name("ConsoleSize").array().value(0).value(0).end();
        if (flags.isGiven("annotation")) {
            json.name("Annotations").values(KeyValues.map(flags.list("annotation")));
        }
        list(json, "CapAdd", capabilities("cap-add"));
        list(json, "CapDrop", capabilities("cap-drop"));
        text(json, "CgroupnsMode", "cgroupns");
        json.name("Dns").values(dns());
        json.name("DnsOptions").values(flags.list("dns-option"));
        json.name("DnsSearch").values(dnsSearch());
        list(json, "ExtraHosts", extraHosts());
        list(json, "GroupAdd", flags.list("group-add"));
        text(json, "IpcMode", "ipc");
        json.name("Cgroup").value("");
        list(json, "Links", flags.list("link"));
        json.name("OomScoreAdj").value(flags.integer("oom-score-adj", 0));
        text(json, "PidMode", "pid");
        json.name("Privileged").value(flags.isSet("privileged"));
        json.name("PublishAllPorts").value(flags.isSet("publish-all"));
        json.name("ReadonlyRootfs").value(flags.isSet("read-only"));
        list(json, "SecurityOpt", securityOptions);
        if (flags.isGiven("storage-opt")) {
            for (String option : flags.list("storage-opt")) {
                if (option.indexOf('=') < 0) {
                    throw new Refusal("invalid storage option");
                }
            }
            json.name("StorageOpt").values(KeyValues.map(flags.list("storage-opt")));
        }
        if (flags.isGiven("tmpfs")) {
            json.name("Tmpfs").values(tmpfs());
        }
        text(json, "UTSMode", "uts");
        text(json, "UsernsMode", "userns");
        json.name("ShmSize").value(flags.bytes("shm-size"));
        if (flags.isGiven("sysctl")) {
            json.name("Sysctls").values(KeyValues.map(flags.list("sysctl")));
        }
        if (flags.isGiven("runtime")) {
            text(json, "Runtime", "runtime");
        }
        text(json, "Isolation", "isolation");
        writeResources(json);
        if (flags.isGiven("mount") || !apiSocket.isEmpty()) {
            json.name("Mounts").array();
            for (String mount : flags.list("mount")) {
                MountOption.parse(mount).write(json);
            }
            if (!apiSocket.isEmpty()) {
                json.object().name("Type").value("bind").name("Source").value(apiSocket);
                json.name("Target").value(SOCKET_INSIDE).name("BindOptions").object().end().end();
            }
            json.end();
        }
        emptyOrNothing(json, "MaskedPaths", systemPathsUnconfined);
        emptyOrNothing(json, "ReadonlyPaths", systemPathsUnconfined);
        if (flags.isGiven("cgroup-conf")) {
            json.name("CgroupConf").values(cgroupConf());
        }
        if (flags.isGiven("rdt-class")) {
            text(json, "RdtClass", "rdt-class");
        }
        if (flags.isGiven("init")) {
            json.name("Init").value(flags.isSet("init"));
        }
        json.end();
    }

    private Map<String, String> cgroupConf() {
        for (String pair : flags.list("cgroup-conf")) {
            if (pair.indexOf('=') < 0) {
                throw new Refusal("--cgroup-conf must be formatted KEY=VALUE");
            }
        }
        return KeyValues.map(flags.list("cgroup-conf"));
    }

    private void writeResources(JsonWriter json) {
        json.name("CpuShares").value(flags.integer("cpu-shares", 0));
        json.name("Memory").value(flags.bytes("memory"));
        json.name("NanoCpus").value(Quantity.nanoCpus(flags.text("cpus")));
        text(json, "CgroupParent", "cgroup-parent");
        json.name("BlkioWeight").value(flags.integer("blkio-weight", 0));
        throttles(json, "BlkioWeightDevice", "blkio-weight-device", "Weight");
        throttles(json, "BlkioDeviceReadBps", "device-read-bps", "Rate");
        throttles(json, "BlkioDeviceWriteBps", "device-write-bps", "Rate");
        throttles(json, "BlkioDeviceReadIOps", "device-read-iops", "Rate");
        throttles(json, "BlkioDeviceWriteIOps", "device-write-iops", "Rate");
        json.name("CpuPeriod").value(flags.integer("cpu-period", 0));
        json.name("CpuQuota").value(flags.integer("cpu-quota", 0));
        json.name("CpuRealtimePeriod").value(flags.integer("cpu-rt-period", 0));
        json.name("CpuRealtimeRuntime").value(flags.integer("cpu-rt-runtime", 0));
        text(json, "CpusetCpus", "cpuset-cpus");
        text(json, "CpusetMems", "cpuset-mems");
        json.name("Devices").array();
        for (String device : flags.list("device")) {
            DeviceOption.write(json, device);
        }
        json.end();
        list(json, "DeviceCgroupRules", flags.list("device-cgroup-rule"));
        json.name("DeviceRequests");
        if (flags.isGiven("gpus")) {
            json.array();
            GpuOption.write(json, flags.text("gpus"));
            json.end();
        } else {
            json.nothing();
        }
        if (flags.bytes("kernel-memory") != 0) {
            json.name("KernelMemory").value(flags.bytes("kernel-memory"));
        }
        json.name("MemoryReservation").value(flags.bytes("memory-reservation"));
        json.name("MemorySwap").value(flags.bytes("memory-swap"));
        json.name("MemorySwappiness").value(swappiness());
        json.name("OomKillDisable").value(flags.isSet("oom-kill-disable"));
        json.name("PidsLimit").value(flags.integer("pids-limit", 0));
        json.name("Ulimits").array();
        for (String ulimit : flags.list("ulimit")) {
            writeUlimit(json, ulimit);
        }
        json.end();
        json.name("CpuCount").value(flags.integer("cpu-count", 0));
        json.name("CpuPercent").value(flags.integer("cpu-percent", 0));
        json.name("IOMaximumIOps").value(flags.integer("io-maxiops", 0));
        json.name("IOMaximumBandwidth").value(flags.bytes("io-maxbandwidth"));
    }

    private long swappiness() {
        long swappiness = flags.integer("memory-swappiness", -1);
        if (swappiness != -1 && (swappiness < 0 || swappiness > 100)) {
            throw new Refusal(
                    "invalid value: " + swappiness + ". Valid memory swappiness range is 0-100");
        }
        return swappiness;
    }

    private void writeRestartPolicy(JsonWriter json) {
        String policy = flags.text("restart", "no");
        String name = RestartOption.name(policy);
        RestartOption.write(json, policy);
        if (flags.isSet("rm") && !name.isEmpty() && !name.equals("no")) {
            throw new Refusal("conflicting options: cannot specify both --restart and --rm");
        }
    }

    private List<String> capabilities(String flag) {
        var names = new ArrayList<String>();
        for (String given : flags.list(flag)) {
            String name = given.toUpperCase(java.util.Locale.ROOT);
            names.add(name.equals("ALL") || name.startsWith("CAP_") ? name : "CAP_" + name);
        }
        return names;
    }

    private List<String> extraHosts() {
        var hosts = new ArrayList<String>();
        for (String given : flags.list("add-host")) {
            hosts.add(Addresses.extraHost(given));
        }
        return hosts;
    }

    /// The name servers in their short form.
    private List<String> dns() {
        var servers = new ArrayList<String>();
        for (String given : flags.list("dns")) {
            servers.add(Addresses.canonical(given.strip()).orElse(given));
        }
        return servers;
    }

    private List<String> dnsSearch() {
        var domains = new ArrayList<String>();
        for (String given : flags.list("dns-search")) {
            domains.add(Addresses.domain(given).orElse(given));
        }
        return domains;
    }

    private Map<String, String> tmpfs() {
        var mounts = new TreeMap<String, String>();
        for (String given : flags.list("tmpfs")) {
            int colon = given.indexOf(':');
            mounts.put(
                    colon < 0 ? given : given.substring(0, colon),
                    colon < 0 ? "" : given.substring(colon + 1));
        }
        return mounts;
    }

    /// A path alone is an anonymous volume, everything else a bind or a named volume.
    private void splitVolumes() {
        for (String given : flags.list("volume")) {
            if (given.indexOf(':') < 0) {
                volumes.put(given, true);
            } else if (given.startsWith(".")) {
                int colon = given.indexOf(':');
                String source =
                        java.nio.file.Path.of(given.substring(0, colon))
                                .toAbsolutePath()
                                .normalize()
                                .toString();
                binds.add(source + given.substring(colon));
            } else {
                binds.add(given);
            }
        }
    }

    private void readSecurityOptions() throws IOException {
        for (String given : flags.list("security-opt")) {
            int equals = given.indexOf('=');
            int split = equals >= 0 ? equals : given.indexOf(':');
            if (split < 0) {
                if (!given.equals("no-new-privileges")) {
                    throw new Refusal("Invalid --security-opt: \"" + given + "\"");
                }
                securityOptions.add(given);
                continue;
            }
            String name = given.substring(0, split);
            String value = given.substring(split + 1);
            if (name.equals("systempaths") && value.equals("unconfined")) {
                systemPathsUnconfined = true;
            } else if (name.equals("seccomp")
                    && !value.equals("unconfined")
                    && !value.equals("builtin")) {
                securityOptions.add("seccomp=" + profile(value));
            } else {
                securityOptions.add(given);
            }
        }
    }

    private static String profile(String file) throws IOException {
        byte[] text;
        try (var in = new FileInputStream(file)) {
            text = in.readAllBytes();
        } catch (FileNotFoundException e) {
            throw new Refusal(
                    "opening seccomp profile ("
                            + file
                            + ") failed: open "
                            + file
                            + ": "
                            + LocalFiles.reason(e));
        }
        try {
            return Json.parse(text).toString();
        } catch (IOException e) {
            throw new Refusal(
                    "compacting json for seccomp profile (" + file + ") failed: " + e.getMessage());
        }
    }

    private void throttles(JsonWriter json, String name, String flag, String member) {
        json.name(name).array();
        for (String given : flags.list(flag)) {
            int colon = given.indexOf(':');
            json.object().name("Path").value(given.substring(0, colon));
            json.name(member).value(Quantity.parseBytes(given.substring(colon + 1))).end();
        }
        json.end();
    }

    private static void writeUlimit(JsonWriter json, String given) {
        int equals = given.indexOf('=');
        String limits = given.substring(equals + 1);
        int colon = limits.indexOf(':');
        json.object().name("Name").value(given.substring(0, equals));
        json.name("Hard").value(Long.parseLong(limits.substring(colon + 1)));
        String soft = colon < 0 ? limits : limits.substring(0, colon);
        json.name("Soft").value(Long.parseLong(soft)).end();
    }

    private void text(JsonWriter json, String name, String flag) {
        json.name(name).value(flags.text(flag));
    }

    /// Null is "the usual ones", an empty list is "none".
    private static void emptyOrNothing(JsonWriter json, String name, boolean empty) {
        json.name(name);
        if (empty) {
            json.array().end();
        } else {
            json.nothing();
        }
    }

    private static void list(JsonWriter json, String name, List<String> values) {
        json.name(name);
        if (values.isEmpty()) {
            json.nothing();
        } else {
            json.values(values);
        }
    }
}
