package dev.corten.cli.command;

import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// The values of `--filter` as the API takes them: `{"label":{"a=b":true}}`.
public final class Filters {
    private final TreeMap<String, TreeSet<String>> values = new TreeMap<>();

    public Filters(List<String> given) {
        for (String filter : given) {
            int equals = filter.indexOf('=');
            add(
                    filter.substring(0, equals).strip().toLowerCase(java.util.Locale.ROOT),
                    filter.substring(equals + 1).strip());
        }
    }

    public void add(String name, String value) {
        values.computeIfAbsent(name, n -> new TreeSet<>()).add(value);
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }

    public void addTo(Request request) {
        if (values.isEmpty()) {
            return;
        }
        var json = new JsonWriter().object();
        for (var filter : values.entrySet()) {
            json.name(filter.getKey()).object();
            for (String value : filter.getValue()) {
                json.name(value).value(true);
            }
            json.end();
        }
        request.query("filters", json.end().toString());
    }
}
