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
import java.io.IOException;
import java.util.LinkedHashMap;

/// `info`.
public final class InfoCommand implements Command {
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
        ServerAnswer server = ServerAnswer.to(Request.get("/info"), invocation);
        Json client = client(invocation);
        Output out = invocation.out();
        String format = invocation.flags().text("format");
        if (format.isEmpty()) {
            out.line("Client: " + client.get("Platform").get("Name").text(""));
            out.line(" Version:    " + client.get("Version").text(""));
            out.line(" Context:    " + client.get("Context").text(""));
            out.line(" Debug Mode: " + client.get("Debug").isTrue());
            out.line("").line("Server:");
            if (server.isThere()) {
                new InfoText(server.document(), out, invocation.setup().debug()).print();
            }
        } else {
            var all = new LinkedHashMap<>(server.document().members());
            all.put("ClientInfo", client);
            Formats.print(format, "", Json.object(all), "system.dockerInfo", out);
        }
        out.flush();
        if (format.isEmpty()) {
            for (Json warning : server.document().get("Warnings").items()) {
                invocation.warn(warning.text(""));
            }
        }
        return server.status(invocation);
    }

    private static Json client(Invocation invocation) {
        var client = new LinkedHashMap<String, Json>();
        client.put("Debug", Json.bool(invocation.setup().debug()));
        client.putAll(Version.client(invocation.setup(), "").members());
        client.put("Plugins", Json.array(java.util.List.of()));
        client.put("Warnings", Json.NULL);
        return Json.object(client);
    }
}
