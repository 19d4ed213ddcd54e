package dev.corten.cli;

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
    private final Flags flags;
    private final Environment environment;
    private final boolean attachIn;
    private final boolean attachOut;
    private final boolean attachErr;
    private final PortSpecs ports = new PortSpecs();
    private final List<String> binds = new ArrayList<>();
    private final TreeMap<String, Boolean> volumes = new TreeMap<>();
    private final List<String> securityOptions = new ArrayList<>();
    private boolean systemPathsUnconfined;

    ContainerBody(
            Flags flags,
            Environment environment,
            boolean attachIn,
            boolean attachOut,
            boolean attachErr) {
        this.flags = flags;
        this.environment = environment;
        this.attachIn = attachIn;
        this.attachOut = attachOut;
        this.attachErr = attachErr;
    }

    /// @param image the reference as typed
    /// @param command after the image; empty for the image's own
    JsonWriter write(String image, List<String> command) throws IOException {
        if (flags.isSet("use-api-socket")) {
            throw new Refusal("--use-api-socket is not supported by this version of Corten yet");
        }
        for (String spec : flags.list("publish")) {
            ports.publish(spec);
        }
        for (String spec : flags.list("expose")) {
            ports.expose(spec);
        }
        splitVolumes();
        readSecurityOptions();
        var json = new JsonWriter();
        json.object();
        writeConfig(json, image, command);
        json.name("HostConfig");
        writeHostConfig(json);
        json.name("NetworkingConfig");
        new NetworkOptions(flags).writeEndpoints(json);
        return json.end();
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
        list(json, "Env", KeyValues.environment(flags, environment));
        list(json, "Cmd", command);
        writeHealth(json);
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

    private void writeHealth(JsonWriter json) {
        boolean options =
                flags.isGiven("health-interval")
                        || flags.isGiven("health-timeout")
                        || flags.isGiven("health-start-period")
                        || flags.isGiven("health-start-interval")
                        || flags.isGiven("health-retries")
                        || !flags.text("health-cmd").isEmpty();
        if (flags.isSet("no-healthcheck")) {
            if (options) {
                throw new Refusal("--no-healthcheck conflicts with --health-* options");
            }
            json.name("Healthcheck").object().name("Test").values(List.of("NONE")).end();
            return;
        }
        if (!options) {
            return;
        }
        json.name("Healthcheck").object();
        if (!flags.text("health-cmd").isEmpty()) {
            json.name("Test").values(List.of("CMD-SHELL", flags.text("health-cmd")));
        }
        healthTime(json, "Interval", "health-interval");
        healthTime(json, "Timeout", "health-timeout");
        healthTime(json, "StartPeriod", "health-start-period");
        healthTime(json, "StartInterval", "health-start-interval");
        long retries = flags.integer("health-retries", 0);
        if (retries < 0) {
            throw new Refusal("--health-retries cannot be negative");
        }
        if (retries > 0) {
            json.name("Retries").value(retries);
        }
        json.end();
    }

    private void healthTime(JsonWriter json, String name, String flag) {
        long nanos = flags.duration(flag);
        if (nanos < 0) {
            throw new Refusal("--" + flag + " cannot be negative");
        }
        if (nanos > 0) {
            json.name(name).value(nanos);
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
        if (flags.isGiven("mount")) {
            json.name("Mounts").array();
            for (String mount : flags.list("mount")) {
                MountOption.parse(mount).write(json);
            }
            json.end();
        }
        emptyOrNothing(json, "MaskedPaths", systemPathsUnconfined);
        emptyOrNothing(json, "ReadonlyPaths", systemPathsUnconfined);
        if (flags.isGiven("init")) {
            json.name("Init").value(flags.isSet("init"));
        }
        json.end();
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
            writeDevice(json, device);
        }
        json.end();
        list(json, "DeviceCgroupRules", flags.list("device-cgroup-rule"));
        json.name("DeviceRequests");
        if (flags.isGiven("gpus")) {
            json.array();
            writeGpus(json, flags.text("gpus"));
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

    private static void writeDevice(JsonWriter json, String given) {
        String[] parts = given.split(":", -1);
        String path = parts[0];
        String inside = path;
        String permissions = "rwm";
        if (parts.length > 3 || path.isEmpty()) {
            throw new Refusal("invalid device specification: " + given);
        }
        if (parts.length > 1) {
            if (parts.length == 2 && isDeviceMode(parts[1])) {
                permissions = parts[1];
            } else {
                inside = parts[1];
            }
        }
        if (parts.length == 3) {
            permissions = parts[2];
            if (!isDeviceMode(permissions)) {
                throw new Refusal("bad mode specified: " + permissions);
            }
        }
        // A name of the container device interface, vendor/class=name, is not a path.
        boolean cdi = path.indexOf('=') > 0 && path.indexOf('/') > 0;
        if (!cdi && !inside.startsWith("/")) {
            throw new Refusal(inside + " is not an absolute path");
        }
        json.object().name("PathOnHost").value(path);
        json.name("PathInContainer").value(inside);
        json.name("CgroupPermissions").value(permissions).end();
    }

    private static boolean isDeviceMode(String mode) {
        boolean known = !mode.isEmpty() && mode.length() <= 3;
        for (int i = 0; i < mode.length() && known; i++) {
            known = "rwm".indexOf(mode.charAt(i)) >= 0 && mode.indexOf(mode.charAt(i)) == i;
        }
        return known;
    }

    private static void writeGpus(JsonWriter json, String given) {
        String driver = "";
        long count = given.indexOf('=') < 0 || given.startsWith("count=") ? -1 : 0;
        List<String> devices = List.of();
        var capabilities = new ArrayList<String>();
        Map<String, String> options = Map.of();
        for (String field : MountOption.fields(given)) {
            int equals = field.indexOf('=');
            String key = equals < 0 ? "count" : field.substring(0, equals);
            String value = field.substring(equals + 1);
            switch (key) {
                case "driver" -> driver = value;
                case "count" -> {
                    try {
                        count = value.equals("all") ? -1 : Long.parseLong(value);
                    } catch (NumberFormatException e) {
                        throw new Refusal(
                                "invalid count ("
                                        + value
                                        + "): value must be either \"all\" or an integer");
                    }
                }
                case "device" -> devices = List.of(value.split(","));
                case "capabilities" -> capabilities.addAll(List.of(value.split(",")));
                case "options" -> options = KeyValues.map(MountOption.fields(value));
                default -> throw new Refusal("unexpected key '" + key + "' in '" + field + "'");
            }
        }
        if (!capabilities.contains("gpu")) {
            capabilities.add("gpu");
        }
        json.object().name("Driver").value(driver).name("Count").value(count);
        list(json, "DeviceIDs", devices);
        json.name("Capabilities").array().values(capabilities).end();
        json.name("Options").values(options).end();
    }

    private void throttles(JsonWriter json, String name, String flag, String member) {
        json.name(name).array();
        for (String given : flags.list(flag)) {
            int colon = given.lastIndexOf(':');
            String path = colon < 0 ? "" : given.substring(0, colon);
            if (colon < 0) {
                throw new Refusal("bad format: " + given);
            }
            if (!path.startsWith("/dev/")) {
                throw new Refusal("bad format for device path: " + given);
            }
            long rate = Quantity.parseBytes(given.substring(colon + 1));
            if (rate < 0) {
                throw new Refusal(
                        "invalid rate for device: "
                                + given
                                + ". The correct format is <device-path>:<number>[<unit>]. Number"
                                + " must be a positive integer. Unit is optional and can be kb, mb,"
                                + " or gb");
            }
            json.object().name("Path").value(path).name(member).value(rate).end();
        }
        json.end();
    }

    /// Why `--ulimit` refuses this; empty if it does not.
    static String ulimitRefusal(String given) {
        int equals = given.indexOf('=');
        if (equals <= 0 || equals == given.length() - 1) {
            return "invalid ulimit argument: " + given;
        }
        String limits = given.substring(equals + 1);
        int colon = limits.indexOf(':');
        String softText = colon < 0 ? limits : limits.substring(0, colon);
        String hardText = colon < 0 ? limits : limits.substring(colon + 1);
        try {
            long soft = Long.parseLong(softText);
            long hard = Long.parseLong(hardText);
            if (hard != -1 && (soft == -1 || soft > hard)) {
                return "ulimit soft limit must be less than or equal to hard limit: "
                        + (soft == -1 ? "soft: -1 (unlimited)" : soft + "")
                        + " > "
                        + hard;
            }
            return "";
        } catch (NumberFormatException e) {
            return "invalid ulimit argument: " + given;
        }
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
