package dev.corten.cli;

import dev.corten.client.Json;
import java.util.LinkedHashMap;

/// A row of a list: what `--format` finds under which name.
final class Row {
    private final LinkedHashMap<String, Json> cells = new LinkedHashMap<>();

    Row put(String name, String text) {
        return put(name, Json.string(text));
    }

    Row put(String name, Json value) {
        cells.put(name, value);
        return this;
    }

    Json json() {
        return Json.object(cells);
    }
}
