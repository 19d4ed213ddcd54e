package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.command.ServerAnswer;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.listing.Formats;
import dev.corten.cli.setup.Version;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.Release;
import java.io.IOException;
import java.util.LinkedHashMap;

/// `version`, of this command and of the daemon.
public final class VersionCommand implements Command {
    private static final int COLUMN = 20;

    @Override
    public FlagTable flags() {
        return new FlagTable().add('f', "format", FlagType.STRING, Formats.ONE);
    }

    @Override
    public Arity arity() {
        return Arity.NONE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        ServerAnswer server = ServerAnswer.to(Request.get("/version"), invocation);
        Json client = Version.client(invocation.setup(), invocation.api().version());
        Output out = invocation.out();
        String format = invocation.flags().text("format");
        if (format.isEmpty()) {
            printClient(client, out);
            if (server.isThere()) {
                printServer(server.document(), out);
            }
        } else {
            var all = new LinkedHashMap<String, Json>();
            all.put("Client", client);
            all.put("Server", server.document());
            Formats.print(format, "version", Json.object(all), "system.versionInfo", out);
        }
        out.flush();
        return server.status(invocation);
    }

    private static void printClient(Json client, Output out) {
        out.line("Client: " + client.get("Platform").get("Name").text(""));
        line(out, 1, "Version", client.get("Version"));
        line(out, 1, "API version", client.get("ApiVersion"));
        line(out, 1, "Go version", client.get("GoVersion"));
        line(out, 1, "Git commit", client.get("GitCommit"));
        line(out, 1, "Built", client.get("BuildTime"));
        line(out, 1, "OS/Arch", Json.string("linux/" + client.get("Arch").text("")));
        line(out, 1, "Context", client.get("Context"));
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
                line(out, 2, "GitCommit", Json.string(details.get("GitCommit").text("")));
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
        line(out, 2, "Built", Json.string(Release.shown(details.get("BuildTime").text(""))));
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
        out.line(start + " ".repeat(Math.max(1, COLUMN - start.length())) + value.literal());
    }
}
