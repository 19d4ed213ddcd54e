package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.client.Json;
import dev.corten.client.JsonReader;
import dev.corten.client.Request;
import dev.corten.client.Response;
import java.io.IOException;

/// `system check` and `system fsck`: damage in the store of images is looked for, and repaired if that
/// is wanted. A line for each thing that was found; ends with 1 if something is left to be done.
public final class CheckCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "repair",
                        FlagType.BOOL,
                        "Repair what is found, as far as that can be");
    }

    @Override
    public Arity arity() {
        return Arity.exactly(0);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        boolean repair = invocation.flags().isSet("repair");
        Request request = Request.post("/corten/v1/check").flag("repair", repair);
        if (repair) {
            // What is missing is fetched from where its image came from.
            request.json(new Credentials(invocation).all());
        }
        boolean left = false;
        int count = 0;
        try (Response response = invocation.api().send(request)) {
            var findings = new JsonReader(response.body());
            for (Json finding = findings.next(); finding != null; finding = findings.next()) {
                String outcome = finding.get("Outcome").text("");
                left |= outcome.equals("found") || outcome.equals("left");
                count++;
                invocation
                        .out()
                        .line(
                                finding.get("Kind").text("")
                                        + " "
                                        + finding.get("Subject").text("")
                                        + " "
                                        + finding.get("Problem").text("")
                                        + end(outcome))
                        .flush();
            }
        }
        if (count == 0) {
            invocation.out().line("nothing is damaged").flush();
        }
        return left ? 1 : 0;
    }

    private static String end(String outcome) {
        return switch (outcome) {
            case "fetched" -> ": fetched again";
            case "repaired" -> ": repaired";
            case "removed" -> ": removed";
            case "left" -> ": cannot be repaired";
            default -> "";
        };
    }
}
