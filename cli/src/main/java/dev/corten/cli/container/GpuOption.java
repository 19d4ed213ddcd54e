package dev.corten.cli.container;

import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.KeyValues;
import dev.corten.cli.option.Fields;
import dev.corten.client.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A value of `--gpus`, as the API's device request. That it is well-formed has been checked
/// ([OptionRules#gpus]).
final class GpuOption {
    private GpuOption() {}

    static void write(JsonWriter json, String given) {
        String driver = "";
        long count = given.indexOf('=') < 0 || given.startsWith("count=") ? -1 : 0;
        List<String> devices = List.of();
        var capabilities = new ArrayList<String>();
        Map<String, String> options = Map.of();
        for (String field : Fields.of(given)) {
            int equals = field.indexOf('=');
            String key = equals < 0 ? "count" : field.substring(0, equals);
            String value = field.substring(equals + 1);
            switch (key) {
                case "driver" -> driver = value;
                case "count" -> {
                    try {
                        count = value.equals("all") ? -1 : Long.parseLong(value);
                    } catch (NumberFormatException e) {
                        throw new Refusal(
                                "invalid count ("
                                        + value
                                        + "): value must be either \"all\" or an integer");
                    }
                }
                case "device" -> devices = List.of(value.split(","));
                case "capabilities" -> capabilities.addAll(List.of(value.split(",")));
                case "options" -> options = KeyValues.map(Fields.of(value));
                default -> throw new Refusal("unexpected key '" + key + "' in '" + field + "'");
            }
        }
        if (!capabilities.contains("gpu")) {
            capabilities.add("gpu");
        }
        json.object().name("Driver").value(driver).name("Count").value(count);
        json.name("DeviceIDs");
        if (devices.isEmpty()) {
            json.nothing();
        } else {
            json.values(devices);
        }
        json.name("Capabilities").array().values(capabilities).end();
        json.name("Options").values(options).end();
    }
}
