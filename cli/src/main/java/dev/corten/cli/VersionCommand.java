package dev.corten.cli;

import dev.corten.client.ApiClient;
import dev.corten.client.DaemonUnreachable;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.LinkedHashMap;

/// `version`, of this command and of the daemon.
final class VersionCommand implements Command {
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
        Json server = Json.NULL;
        String failure = "";
        try {
            server = invocation.api().json(Request.get("/version"));
        } catch (DaemonUnreachable e) {
            failure = String.valueOf(e.getMessage());
        } catch (CortenException e) {
            failure = "Error response from daemon: " + e.message();
        }
        var client = new LinkedHashMap<String, Json>();
        client.put("Version", Json.string(Version.NUMBER));
        client.put("ApiVersion", Json.string(invocation.api().version()));
        client.put("DefaultAPIVersion", Json.string(ApiClient.API_VERSION));
        client.put("JavaVersion", Json.string(System.getProperty("java.version", "")));
        client.put("Os", Json.string("linux"));
        client.put("Arch", Json.string(architecture()));
        client.put("Context", Json.string("default"));
        var all = new LinkedHashMap<String, Json>();
        all.put("Client", Json.object(client));
        all.put("Server", server);
        Output out = invocation.out();
        String format = invocation.flags().text("format");
        if (format.equals("json")) {
            out.line(Json.object(all).toString());
        } else if (!format.isEmpty()) {
            out.line(Template.parse(format).apply(Json.object(all)));
        } else {
            printClient(client, out);
            if (failure.isEmpty()) {
                printServer(server, out);
            }
        }
        out.flush();
        if (!failure.isEmpty()) {
            invocation.warn(failure);
            return 1;
        }
        return 0;
    }

    static String architecture() {
        String name = System.getProperty("os.arch", "");
        return name.equals("aarch64") ? "arm64" : name;
    }

    private static void printClient(LinkedHashMap<String, Json> client, Output out) {
        Json c = Json.object(client);
        out.line("Client: Corten");
        line(out, 1, "Version", c.get("Version"));
        line(out, 1, "API version", c.get("ApiVersion"));
        line(out, 1, "Java version", c.get("JavaVersion"));
        line(out, 1, "OS/Arch", Json.string("linux/" + architecture()));
        line(out, 1, "Context", c.get("Context"));
    }

    private static void printServer(Json server, Output out) {
        String platform = server.get("Platform").get("Name").text("");
        out.line("").line("Server:" + (platform.isEmpty() ? "" : " " + platform));
        boolean engine = false;
        for (Json component : server.get("Components").items()) {
            String name = component.get("Name").text("");
            out.line(" " + name + ":");
            line(out, 2, "Version", component.get("Version"));
            Json details = component.get("Details");
            engine |= name.equals("Engine");
            if (name.equals("Engine")) {
                printDetails(
                        out,
                        details.get("ApiVersion").text(""),
                        details.get("MinAPIVersion").text(""),
                        details);
            } else {
                line(out, 2, "GitCommit", details.get("GitCommit"));
            }
        }
        if (!engine) {
            out.line(" Engine:");
            line(out, 2, "Version", server.get("Version"));
            printDetails(
                    out,
                    server.get("ApiVersion").text(""),
                    server.get("MinAPIVersion").text(""),
                    server);
        }
    }

    private static void printDetails(Output out, String api, String min, Json details) {
        line(out, 2, "API version", Json.string(api + " (minimum version " + min + ")"));
        line(out, 2, "Go version", details.get("GoVersion"));
        line(out, 2, "Git commit", details.get("GitCommit"));
        line(out, 2, "Built", details.get("BuildTime"));
        line(
                out,
                2,
                "OS/Arch",
                Json.string(details.get("Os").literal() + "/" + details.get("Arch").literal()));
        Json experimental = details.get("Experimental");
        line(out, 2, "Experimental", experimental.isNothing() ? Json.bool(false) : experimental);
    }

    private static void line(Output out, int indent, String name, Json value) {
        if (value.isNothing()) {
            return;
        }
        String start = " ".repeat(indent) + name + ":";
        out.line(start + " ".repeat(Math.max(1, 20 - start.length())) + value.literal());
    }
}
