package dev.corten.cli.volume;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.flags.KeyValues;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import java.io.IOException;
import java.util.Map;

/// `volume create`.
public final class VolumeCreateCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('d', "driver", FlagType.STRING, "Specify volume driver name", "local")
                .add(FlagTable.NONE, "label", FlagType.LABEL, "Set metadata for a volume")
                .add('o', "opt", FlagType.MAP, "Set driver specific options", "map[]")
                .alias("name", FlagType.STRING, "name");
    }

    @Override
    public Arity arity() {
        return Arity.between(0, 1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        boolean named = !invocation.arguments().isEmpty();
        if (named && flags.isGiven("name")) {
            throw new Failure(
                    "conflicting options: cannot specify a volume-name through both --name and as a"
                            + " positional arg");
        }
        String name = named ? invocation.arguments().getFirst() : flags.text("name");
        var body = new JsonWriter().object();
        body.name("Name").value(name);
        body.name("Driver").value(flags.isGiven("driver") ? flags.text("driver") : "local");
        Map<String, String> options = KeyValues.map(flags.list("opt"));
        if (!options.isEmpty()) {
            body.name("DriverOpts").values(options);
        }
        Map<String, String> labels = KeyValues.labels(flags);
        if (!labels.isEmpty()) {
            body.name("Labels").values(labels);
        }
        var request = Request.post("/volumes/create").json(body.end());
        invocation.out().line(invocation.api().json(request).get("Name").text("")).flush();
        return 0;
    }
}
