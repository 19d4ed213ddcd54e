package dev.corten.cli;

import dev.corten.client.DaemonUnreachable;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;

/// `info`.
final class InfoCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable().add('f', "format", FlagType.STRING, Formats.ONE);
    }

    @Override
    public int minArguments() {
        return 0;
    }

    @Override
    public int maxArguments() {
        return 0;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Json info = Json.NULL;
        String failure = "";
        try {
            info = invocation.api().json(Request.get("/info"));
        } catch (DaemonUnreachable e) {
            failure = String.valueOf(e.getMessage());
        } catch (CortenException e) {
            failure = "Error response from daemon: " + e.message();
        }
        Output out = invocation.out();
        String format = invocation.flags().text("format");
        if (format.isEmpty()) {
            out.line("Client: Corten");
            out.line(" Version:    " + Version.NUMBER);
            out.line(" Context:    default");
            out.line(" Debug Mode: false");
            out.line("").line("Server:");
            if (failure.isEmpty()) {
                print(info, out);
                out.line("");
            }
        } else {
            var all = new LinkedHashMap<>(info.members());
            var client = new LinkedHashMap<String, Json>();
            client.put("Version", Json.string(Version.NUMBER));
            client.put("Context", Json.string("default"));
            client.put("Debug", Json.bool(false));
            all.put("ClientInfo", Json.object(client));
            Json document = Json.object(all);
            out.line(
                    format.equals("json")
                            ? document.toString()
                            : Template.parse(format).apply(document));
        }
        out.flush();
        if (!failure.isEmpty()) {
            invocation.warn(failure);
            return 1;
        }
        for (Json warning : info.get("Warnings").items()) {
            invocation.warn(warning.text(""));
        }
        return 0;
    }

    private static void print(Json info, Output out) {
        out.line(" Containers: " + info.get("Containers").integer(0));
        out.line("  Running: " + info.get("ContainersRunning").integer(0));
        out.line("  Paused: " + info.get("ContainersPaused").integer(0));
        out.line("  Stopped: " + info.get("ContainersStopped").integer(0));
        out.line(" Images: " + info.get("Images").integer(0));
        line(out, "Server Version", info.get("ServerVersion"));
        line(out, "Storage Driver", info.get("Driver"));
        for (Json pair : info.get("DriverStatus").items()) {
            if (pair.items().size() == 2) {
                out.line(
                        "  "
                                + pair.items().get(0).literal()
                                + ": "
                                + pair.items().get(1).literal());
            }
        }
        line(out, "Logging Driver", info.get("LoggingDriver"));
        line(out, "Cgroup Driver", info.get("CgroupDriver"));
        line(out, "Cgroup Version", info.get("CgroupVersion"));
        Json plugins = info.get("Plugins");
        out.line(" Plugins:");
        out.line("  Volume: " + words(plugins.get("Volume")));
        out.line("  Network: " + words(plugins.get("Network")));
        out.line("  Log: " + words(plugins.get("Log")));
        line(out, "Swarm", info.get("Swarm").get("LocalNodeState"));
        Json runtimes = info.get("Runtimes");
        if (!runtimes.members().isEmpty()) {
            out.line(" Runtimes: " + String.join(" ", runtimes.members().keySet()));
            line(out, "Default Runtime", info.get("DefaultRuntime"));
        }
        line(out, "Init Binary", info.get("InitBinary"));
        if (!info.get("SecurityOptions").items().isEmpty()) {
            out.line(" Security Options:");
            for (Json option : info.get("SecurityOptions").items()) {
                printSecurityOption(option.text(""), out);
            }
        }
        line(out, "Kernel Version", info.get("KernelVersion"));
        line(out, "Operating System", info.get("OperatingSystem"));
        line(out, "OSType", info.get("OSType"));
        line(out, "Architecture", info.get("Architecture"));
        out.line(" CPUs: " + info.get("NCPU").integer(0));
        out.line(" Total Memory: " + Quantity.binarySize(info.get("MemTotal").integer(0)));
        line(out, "Name", info.get("Name"));
        line(out, "ID", info.get("ID"));
        line(out, "Docker Root Dir", info.get("DockerRootDir"));
        out.line(" Debug Mode: " + info.get("Debug").isTrue());
        line(out, "HTTP Proxy", info.get("HttpProxy"));
        line(out, "HTTPS Proxy", info.get("HttpsProxy"));
        line(out, "No Proxy", info.get("NoProxy"));
        if (!info.get("Labels").items().isEmpty()) {
            out.line(" Labels:");
            for (Json label : info.get("Labels").items()) {
                out.line("  " + label.text(""));
            }
        }
        out.line(" Experimental: " + info.get("ExperimentalBuild").isTrue());
        Json insecure = info.get("RegistryConfig").get("InsecureRegistryCIDRs");
        if (!insecure.items().isEmpty()) {
            out.line(" Insecure Registries:");
            for (Json registry : insecure.items()) {
                out.line("  " + registry.text(""));
            }
        }
        out.line(" Live Restore Enabled: " + info.get("LiveRestoreEnabled").isTrue());
    }

    /// `name=seccomp,profile=builtin`.
    private static void printSecurityOption(String option, Output out) {
        for (String part : option.split(",")) {
            int equals = part.indexOf('=');
            String key = equals < 0 ? part : part.substring(0, equals);
            String value = part.substring(equals + 1);
            if (key.equals("name")) {
                out.line("  " + value);
            } else {
                out.line(
                        "   "
                                + key.substring(0, 1).toUpperCase(java.util.Locale.ROOT)
                                + key.substring(1)
                                + ": "
                                + value);
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

    private static void line(Output out, String name, Json value) {
        if (!value.literal().isEmpty()) {
            out.line(" " + name + ": " + value.literal());
        }
    }
}
