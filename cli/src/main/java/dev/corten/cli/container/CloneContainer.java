package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.text.Quantity;
import dev.corten.cli.text.Texts;
import dev.corten.client.ApiClient;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;

/// `container clone`: a new container that is configured as another one is. Podman has it; Docker
/// does not. Its files are those of the image, not of the other container.
public final class CloneContainer implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(FlagTable.NONE, "cpus", FlagType.DECIMAL, "Number of CPUs")
                .add(FlagTable.NONE, "destroy", FlagType.BOOL, "Remove the original container")
                .add('f', "force", FlagType.BOOL, "Remove the original container even if it runs")
                .add('m', "memory", FlagType.BYTES, "Memory limit")
                .add(FlagTable.NONE, "name", FlagType.STRING, "Name of the new container")
                .add(FlagTable.NONE, "run", FlagType.BOOL, "Start the new container");
    }

    @Override
    public Arity arity() {
        return Arity.between(1, 3);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        ApiClient api = invocation.api();
        Flags flags = invocation.flags();
        List<String> arguments = invocation.arguments();
        Json original = api.json(Request.get(EachContainer.path(arguments.getFirst()) + "/json"));
        String name = flags.text("name", arguments.size() > 1 ? arguments.get(1) : "");
        if (name.isEmpty()) {
            name = original.get("Name").text("").substring(1) + "-clone";
        }
        String image = arguments.size() > 2 ? arguments.get(2) : "";
        Json created =
                api.json(
                        Request.post("/containers/create")
                                .query("name", name)
                                .json(body(original, image, flags)));
        for (Json warning : created.get("Warnings").items()) {
            invocation.warn("WARNING: " + warning.text(""));
        }
        if (flags.isSet("destroy")) {
            api.call(
                    Request.delete("/containers/" + original.get("Id").text(""))
                            .flag("force", flags.isSet("force")));
        }
        String id = created.get("Id").text("");
        if (flags.isSet("run")) {
            api.call(Request.post("/containers/" + id + "/start"));
        }
        invocation.out().line(id).flush();
        return 0;
    }

    /// @param image another one; empty for the same
    private static JsonWriter body(Json original, String image, Flags flags) {
        var config = new LinkedHashMap<>(original.get("Config").members());
        String id = original.get("Id").text("");
        // A name of its own, unless somebody chose this one.
        if (original.get("Config").get("Hostname").text("").equals(Texts.shortId(id))) {
            config.remove("Hostname");
        }
        if (!image.isEmpty()) {
            config.put("Image", Json.string(image));
        }
        var host = new LinkedHashMap<>(original.get("HostConfig").members());
        host.put("ContainerIDFile", Json.string(""));
        if (flags.isGiven("cpus")) {
            host.put("NanoCpus", Json.number(Quantity.nanoCpus(flags.text("cpus"))));
        }
        if (flags.isGiven("memory")) {
            host.put("Memory", Json.number(flags.bytes("memory")));
            host.put("MemorySwap", Json.number(0));
        }
        config.put("HostConfig", Json.object(host));
        return new JsonWriter().value(Json.object(config));
    }
}
