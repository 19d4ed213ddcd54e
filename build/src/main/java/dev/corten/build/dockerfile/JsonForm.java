package dev.corten.build.dockerfile;

import dev.corten.model.InvalidParameter;
import dev.corten.model.RawText;
import dev.corten.store.document.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Arguments as a JSON array, `["a", "b"]`. What is no valid JSON is meant for a shell, as Docker
/// takes it.
///
/// @param onlyStrings whether nothing but strings is in it; it is wrong otherwise
record JsonForm(List<String> words, boolean onlyStrings) {
    static Optional<JsonForm> read(String arguments) {
        if (!arguments.startsWith("[")) {
            return Optional.empty();
        }
        List<Json> elements;
        try {
            Json json = Json.parse("arguments", RawText.encode(arguments));
            elements = json.elements();
        } catch (InvalidParameter notJson) {
            return Optional.empty();
        }
        var words = new ArrayList<String>();
        for (Json element : elements) {
            if (!element.isText()) {
                return Optional.of(new JsonForm(List.of(), false));
            }
            words.add(element.asText());
        }
        return Optional.of(new JsonForm(List.copyOf(words), true));
    }
}
