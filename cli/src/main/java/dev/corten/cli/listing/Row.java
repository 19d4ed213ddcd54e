package dev.corten.cli.listing;

import dev.corten.client.Json;
import java.util.LinkedHashMap;

/// A row of a list: what `--format` finds under which name.
public final class Row {
    private final LinkedHashMap<String, Json> cells = new LinkedHashMap<>();

    public Row put(String name, String text) {
        return put(name, Json.string(text));
    }

    public Row put(String name, Json value) {
        cells.put(name, value);
        return this;
    }

    public Json json() {
        return Json.object(cells);
    }
}
