package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.client.Json;
import dev.corten.client.JsonReader;
import dev.corten.client.Request;
import dev.corten.client.Response;
import java.io.IOException;

/// `system migrate`: what a Docker Engine has on the daemon's host is copied. A line for each image,
/// volume and container, as soon as it is there.
public final class MigrateCommand implements Command {
    private static final String DOCKER = "/var/lib/docker";

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "dry-run",
                        FlagType.BOOL,
                        "Show what is there, without copying anything");
    }

    @Override
    public Arity arity() {
        return Arity.between(0, 1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        var arguments = invocation.arguments();
        Request request =
                Request.post("/corten/v1/migrate")
                        .query("path", arguments.isEmpty() ? DOCKER : arguments.getFirst())
                        .flag("look", invocation.flags().isSet("dry-run"));
        boolean failed = false;
        try (Response response = invocation.api().send(request)) {
            var steps = new JsonReader(response.body());
            for (Json step = steps.next(); step != null; step = steps.next()) {
                String outcome = step.get("Outcome").text("");
                failed |= outcome.equals("failed");
                show(step, outcome, invocation.out());
            }
        }
        return failed ? 1 : 0;
    }

    private static void show(Json step, String outcome, Output out) {
        String text =
                switch (outcome) {
                    case "taken" -> "copied";
                    case "found" -> "found";
                    case "present" -> "here already";
                    default -> "failed: " + step.get("Error").text("");
                };
        out.line(step.get("Kind").text("") + " " + step.get("Name").text("") + ": " + text).flush();
    }
}
