package dev.corten.cli.build;

import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.Fields;
import dev.corten.client.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// Caches elsewhere, of `--cache-from` and `--cache-to`.
record Caches(List<Attributes> from, List<Attributes> to) {
    static Caches of(Flags flags) {
        return new Caches(parse(flags.list("cache-from")), parse(flags.list("cache-to")));
    }

    private static List<Attributes> parse(List<String> given) {
        var caches = new ArrayList<Attributes>();
        for (String text : given) {
            if (text.isEmpty()) {
                continue;
            }
            List<String> fields = Fields.of(text);
            boolean bare = true;
            for (String field : fields) {
                bare &= field.indexOf('=') < 0;
            }
            if (!bare) {
                Attributes cache = Attributes.parse(fields);
                if (cache.type().isEmpty()) {
                    throw new Failure("ERROR: type required form> \"" + text + "\"");
                }
                caches.add(checked(cache));
                continue;
            }
            for (String reference : fields) {
                var values = new LinkedHashMap<String, String>();
                values.put("ref", reference);
                caches.add(new Attributes("registry", values));
            }
        }
        return caches;
    }

    private static Attributes checked(Attributes cache) {
        return switch (cache.type()) {
            case "registry", "local", "inline" -> cache;
            default ->
                    throw BuildFailures.of(
                            "failed to solve: unknown cache type: "
                                    + cache.type()
                                    + " (there are registry, local, inline)");
        };
    }

    void write(JsonWriter json) {
        json.name("cacheFrom").array();
        from.forEach(cache -> cache.write(json));
        json.end();
        json.name("cacheTo").array();
        to.forEach(cache -> cache.write(json));
        json.end();
    }
}
