package dev.corten.engine.build.output;

import dev.corten.store.document.Json;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// JSON as Go writes it, so that documents are those that BuildKit would have made.
final class GoJson {
    private GoJson() {}

    /// On one line.
    static byte[] compact(JsonNode node) {
        return text(Json.MAPPER.writeValueAsString(node));
    }

    /// Two blanks for each level.
    static byte[] indented(JsonNode node) {
        var text = new StringBuilder();
        write(text, node, "\n");
        return text(text.toString());
    }

    private static byte[] text(String json) {
        return json.replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void write(StringBuilder text, JsonNode node, String lineBreak) {
        String inner = lineBreak + "  ";
        if (node.isObject() && !node.isEmpty()) {
            text.append('{');
            Iterator<Map.Entry<String, JsonNode>> members = node.properties().iterator();
            while (members.hasNext()) {
                Map.Entry<String, JsonNode> member = members.next();
                text.append(inner).append(Json.MAPPER.writeValueAsString(member.getKey()));
                text.append(": ");
                write(text, member.getValue(), inner);
                text.append(members.hasNext() ? "," : "");
            }
            text.append(lineBreak).append('}');
        } else if (node.isArray() && !node.isEmpty()) {
            text.append('[');
            Iterator<JsonNode> elements = node.iterator();
            while (elements.hasNext()) {
                text.append(inner);
                write(text, elements.next(), inner);
                text.append(elements.hasNext() ? "," : "");
            }
            text.append(lineBreak).append(']');
        } else {
            text.append(Json.MAPPER.writeValueAsString(node));
        }
    }
}
