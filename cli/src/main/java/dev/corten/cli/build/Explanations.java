package dev.corten.cli.build;

import dev.corten.cli.console.Output;
import dev.corten.cli.console.Table;
import dev.corten.client.Json;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// Why steps were or were not taken from the cache, for `--explain-cache`.
final class Explanations {
    private final Map<String, String> names = new HashMap<>();
    private final Map<String, Boolean> cached = new HashMap<>();
    private final Map<String, String> why = new LinkedHashMap<>();

    void hearStatus(Json status) {
        for (Json vertex : status.get("vertexes").items()) {
            String digest = vertex.get("digest").text("");
            names.put(digest, vertex.get("name").text(""));
            cached.put(digest, vertex.get("cached").isTrue());
        }
    }

    void hear(Json explain) {
        why.put(explain.get("vertex").text(""), explain.get("why").text(""));
    }

    void print(Output out) {
        if (why.isEmpty()) {
            return;
        }
        var table = new Table();
        table.row("STEP", "CACHED", "WHY");
        for (var each : why.entrySet()) {
            String digest = each.getKey();
            String used = cached.getOrDefault(digest, false) ? "yes" : "no";
            table.row(names.getOrDefault(digest, digest), used, each.getValue());
        }
        out.line("");
        table.print(out);
        out.flush();
    }
}
