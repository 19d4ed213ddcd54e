package dev.corten.cli.system;

import dev.corten.cli.console.Output;
import dev.corten.cli.text.Quantity;
import dev.corten.client.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What `info` prints of the daemon.
final class InfoText {
    private final Json info;
    private final Output out;
    private final boolean debug;

    /// @param debug whether this command was asked for more
    InfoText(Json info, Output out, boolean debug) {
        this.info = info;
        this.out = out;
        this.debug = debug;
    }

    void print() {
        always("Containers", "Containers");
        out.line("  Running: " + info.get("ContainersRunning").integer(0));
        out.line("  Paused: " + info.get("ContainersPaused").integer(0));
        out.line("  Stopped: " + info.get("ContainersStopped").integer(0));
        always("Images", "Images");
        given("Server Version", "ServerVersion");
        given("Storage Driver", "Driver");
        for (Json pair : info.get("DriverStatus").items()) {
            List<Json> words = pair.items();
            if (words.size() == 2) {
                out.line("  " + words.get(0).literal() + ": " + words.get(1).literal());
            }
        }
        given("Logging Driver", "LoggingDriver");
        given("Cgroup Driver", "CgroupDriver");
        given("Cgroup Version", "CgroupVersion");
        printPlugins();
        out.line(" Swarm: " + info.get("Swarm").get("LocalNodeState").text(""));
        printRuntimes();
        given("Kernel Version", "KernelVersion");
        given("Operating System", "OperatingSystem");
        given("OSType", "OSType");
        given("Architecture", "Architecture");
        always("CPUs", "NCPU");
        out.line(" Total Memory: " + Quantity.binarySize(info.get("MemTotal").integer(0)));
        given("Name", "Name");
        given("ID", "ID");
        always("Docker Root Dir", "DockerRootDir");
        always("Debug Mode", "Debug");
        if (debug || info.get("Debug").isTrue()) {
            out.line("  File Descriptors: " + info.get("NFd").integer(0));
            out.line("  Goroutines: " + info.get("NGoroutines").integer(0));
            out.line("  System Time: " + info.get("SystemTime").text(""));
            out.line("  EventsListeners: " + info.get("NEventsListener").integer(0));
        }
        given("HTTP Proxy", "HttpProxy");
        given("HTTPS Proxy", "HttpsProxy");
        given("No Proxy", "NoProxy");
        list("Labels", info.get("Labels"));
        always("Experimental", "ExperimentalBuild");
        printRegistries();
        always("Live Restore Enabled", "LiveRestoreEnabled");
        given("Product License", "ProductLicense");
        if (!info.get("DefaultAddressPools").items().isEmpty()) {
            out.line(" Default Address Pools:");
            for (Json pool : info.get("DefaultAddressPools").items()) {
                String base = pool.get("Base").text("");
                out.line("   Base: " + base + ", Size: " + pool.get("Size").integer(0));
            }
        }
        out.line("");
    }

    private void printPlugins() {
        Json plugins = info.get("Plugins");
        out.line(" Plugins:");
        out.line("  Volume: " + words(plugins.get("Volume")));
        out.line("  Network: " + words(plugins.get("Network")));
        if (!plugins.get("Authorization").items().isEmpty()) {
            out.line("  Authorization: " + words(plugins.get("Authorization")));
        }
        out.line("  Log: " + words(plugins.get("Log")));
        list("CDI spec directories", info.get("CDISpecDirs"));
    }

    private void printRuntimes() {
        if (!info.get("Runtimes").members().isEmpty()) {
            var names = new ArrayList<>(info.get("Runtimes").members().keySet());
            names.sort(null);
            out.line(" Runtimes: " + String.join(" ", names));
            always("Default Runtime", "DefaultRuntime");
        }
        if (!info.get("OSType").text("").equals("linux")) {
            return;
        }
        always("Init Binary", "InitBinary");
        out.line(" containerd version: " + info.get("ContainerdCommit").get("ID").text(""));
        out.line(" runc version: " + info.get("RuncCommit").get("ID").text(""));
        out.line(" init version: " + info.get("InitCommit").get("ID").text(""));
        if (!info.get("SecurityOptions").items().isEmpty()) {
            out.line(" Security Options:");
            for (Json option : info.get("SecurityOptions").items()) {
                printSecurityOption(option.text(""));
            }
        }
    }

    /// `name=seccomp,profile=builtin`.
    private void printSecurityOption(String option) {
        for (String part : option.split(",")) {
            if (part.startsWith("name=")) {
                out.line("  " + part.substring("name=".length()));
            } else if (part.startsWith("profile=")) {
                out.line("   Profile: " + part.substring("profile=".length()));
            }
        }
    }

    private void printRegistries() {
        Json registries = info.get("RegistryConfig");
        Map<String, Json> configured = registries.get("IndexConfigs").members();
        List<Json> insecure = registries.get("InsecureRegistryCIDRs").items();
        if (!insecure.isEmpty() || !configured.isEmpty()) {
            out.line(" Insecure Registries:");
            for (Json registry : configured.values()) {
                if (!registry.get("Secure").isTrue()) {
                    out.line("  " + registry.get("Name").text(""));
                }
            }
            for (Json range : insecure) {
                out.line("  " + range.text(""));
            }
        }
        list("Registry Mirrors", registries.get("Mirrors"));
    }

    private void list(String title, Json list) {
        if (!list.items().isEmpty()) {
            out.line(" " + title + ":");
            for (Json item : list.items()) {
                out.line("  " + item.text(""));
            }
        }
    }

    private static String words(Json list) {
        var words = new ArrayList<String>();
        for (Json item : list.items()) {
            words.add(item.text(""));
        }
        return String.join(" ", words);
    }

    private void always(String title, String member) {
        out.line(" " + title + ": " + info.get(member).literal());
    }

    private void given(String title, String member) {
        if (!info.get(member).literal().isEmpty()) {
            always(title, member);
        }
    }
}
