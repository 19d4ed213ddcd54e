package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.store.document.Json;
import dev.corten.store.document.Manifest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Makes the configuration of an image whose manifest is of schema 1: it is in pieces there, one with
/// each layer. The same manifest gives the same configuration.
public final class SchemaOneConfig {
    /// Of one layer alone, or of the form of that time.
    private static final List<String> OBSOLETE =
            List.of("id", "parent", "Size", "parent_id", "layer_id", "throwaway");

    private SchemaOneConfig() {}

    /// Those layers that hold files: a step that changed only the configuration had an empty one.
    public static List<Digest> layers(Manifest.OfSchemaOne manifest) {
        var layers = new ArrayList<Digest>();
        for (int i = 0; i < manifest.layers().size(); i++) {
            if (!step(manifest.history().get(i)).flag("throwaway")) {
                layers.add(manifest.layers().get(i));
            }
        }
        return List.copyOf(layers);
    }

    /// @param diffIds of [#layers]
    public static byte[] config(Manifest.OfSchemaOne manifest, List<Digest> diffIds) {
        String top = manifest.history().getLast();
        step(top);
        JsonNode whole = Json.MAPPER.readTree(top);
        Map<String, JsonNode> members = new TreeMap<>();
        for (String name : whole.propertyNames()) {
            members.put(name, whole.get(name));
        }
        members.keySet().removeAll(OBSOLETE);
        ArrayNode history = Json.MAPPER.createArrayNode();
        for (String text : manifest.history()) {
            Json step = step(text);
            ObjectNode entry = history.addObject();
            put(entry, "created", step.text("created"));
            put(entry, "author", step.text("author"));
            put(entry, "created_by", command(step));
            put(entry, "comment", step.text("comment"));
            if (step.flag("throwaway")) {
                entry.put("empty_layer", true);
            }
        }
        ObjectNode rootfs = Json.MAPPER.createObjectNode();
        rootfs.put("type", "layers");
        ArrayNode ids = rootfs.putArray("diff_ids");
        diffIds.forEach(id -> ids.add(id.toString()));
        members.put("history", history);
        members.put("rootfs", rootfs);
        ObjectNode config = Json.MAPPER.createObjectNode();
        members.forEach(config::set);
        return Json.MAPPER.writeValueAsBytes(config);
    }

    private static String command(Json step) {
        List<String> command =
                step.member("container_config")
                        .map(c -> c.requireObject().texts("Cmd"))
                        .orElse(null);
        return command == null ? "" : String.join(" ", command);
    }

    private static void put(ObjectNode node, String name, String value) {
        if (!value.isEmpty()) {
            node.put(name, value);
        }
    }

    private static Json step(String text) {
        try {
            return Json.parse("v1Compatibility", text.getBytes(StandardCharsets.UTF_8))
                    .requireObject();
        } catch (InvalidParameter e) {
            throw new InvalidParameter("manifest of schema 1: " + e.message(), e);
        }
    }
}
