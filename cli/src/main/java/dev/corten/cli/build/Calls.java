package dev.corten.cli.build;

import dev.corten.cli.console.Output;
import dev.corten.cli.console.Table;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Fields;
import dev.corten.client.Json;
import dev.corten.client.JsonIndent;
import dev.corten.client.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What `--call` asks instead of a build, and how the answer is shown.
final class Calls {
    private Calls() {}

    /// `build`, `check`, `outline`, `targets`.
    ///
    /// @throws Failure if it is none of these
    static String method(Flags flags) {
        if (flags.isSet("check")) {
            return "check";
        }
        String method = Fields.of(flags.text("call", "build")).getFirst();
        method = method.startsWith("type=") ? method.substring("type=".length()) : method;
        method = method.startsWith("subrequests.") ? method.substring(12) : method;
        return switch (method) {
            case "", "build" -> "build";
            case "check", "lint" -> "check";
            case "outline", "targets" -> method;
            default ->
                    throw BuildFailures.of(
                            "failed to solve: unsupported request frontend."
                                    + method
                                    + ": unsupported request frontend."
                                    + method);
        };
    }

    static boolean wantsJson(Flags flags) {
        return Fields.of(flags.text("call")).contains("format=json");
    }

    /// @param answer of the daemon
    static void print(String method, Json answer, boolean asJson, Output out) {
        if (asJson) {
            byte[] text = new JsonWriter().value(answer).toBytes();
            out.line(new String(JsonIndent.indent(text, "", "  "), StandardCharsets.UTF_8));
        } else if (answer.kind() == Json.Kind.STRING) {
            out.print(answer.text(""));
        } else if (method.equals("targets")) {
            printTargets(answer, out);
        } else {
            printOutline(answer, out);
        }
        out.flush();
    }

    private static void printTargets(Json answer, Output out) {
        var table = new Table(0, 1);
        table.row("TARGET", "DESCRIPTION");
        for (Json target : answer.get("targets").items()) {
            String name = target.get("name").text("");
            if (target.get("default").isTrue()) {
                name = name.isEmpty() ? "(default)" : name + " (default)";
            }
            table.row(name, target.get("description").text(""));
        }
        table.print(out);
    }

    private static void printOutline(Json answer, Output out) {
        String name = answer.get("name").text("");
        String description = answer.get("description").text("");
        if (!name.isEmpty() || !description.isEmpty()) {
            out.line("TARGET: " + name);
            if (!description.isEmpty()) {
                out.line("DESCRIPTION: " + description);
            }
            out.line("");
        }
        List<Json> arguments = answer.get("args").items();
        if (!arguments.isEmpty()) {
            var table = new Table(0);
            table.row("BUILD ARG", "VALUE", "DESCRIPTION");
            for (Json each : arguments) {
                table.row(
                        each.get("name").text(""),
                        each.get("value").text(""),
                        each.get("description").text(""));
            }
            table.print(out);
            out.line("");
        }
        printNeeds(answer.get("secrets").items(), "SECRET", out);
        printNeeds(answer.get("ssh").items(), "SSH", out);
    }

    private static void printNeeds(List<Json> needs, String title, Output out) {
        if (needs.isEmpty()) {
            return;
        }
        var table = new Table(0);
        table.row(title, "REQUIRED");
        for (Json each : needs) {
            table.row(each.get("name").text(""), each.get("required").isTrue() ? "true" : "");
        }
        table.print(out);
        out.line("");
    }
}
