package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.store.document.Json;
import dev.corten.store.snapshot.ChainId;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A document for each layer, as if it were an image of its own: what Docker before version 1.10 read,
/// and `docker save` writes to this day.
final class LegacyConfigs {
    private static final String EPOCH = "1970-01-01T00:00:00Z";

    /// Of the image's configuration, in the order of Docker's.
    private static final List<String> KEPT =
            List.of(
                    "comment",
                    "created",
                    "container",
                    "container_config",
                    "docker_version",
                    "author",
                    "config",
                    "architecture",
                    "variant",
                    "os");

    /// A container's configuration in Docker's order; what is null is left out unless it is there.
    private static final String CONTAINER =
            """
            {"Hostname":"","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,
            "AttachStderr":false,"ExposedPorts":{},"Tty":false,"OpenStdin":false,
            "StdinOnce":false,"Env":null,"Cmd":null,"Healthcheck":{},"ArgsEscaped":{},
            "Image":"","Volumes":null,"WorkingDir":"","Entrypoint":null,"NetworkDisabled":{},
            "MacAddress":{},"OnBuild":null,"Labels":null,"StopSignal":{},"StopTimeout":{},
            "Shell":{}}
            """;

    private final List<Digest> diffIds;
    private final String os;
    private final JsonNode config;

    LegacyConfigs(List<Digest> diffIds, String os, byte[] config) {
        this.diffIds = List.copyOf(diffIds);
        this.os = os;
        this.config = Json.MAPPER.readTree(config);
    }

    /// By their digests.
    Map<Digest, byte[]> documents() {
        var documents = new LinkedHashMap<Digest, byte[]>();
        List<Digest> chain = ChainId.of(diffIds);
        Optional<Digest> parent = Optional.empty();
        for (int i = 0; i < chain.size(); i++) {
            ObjectNode document = i == chain.size() - 1 ? top() : below();
            Digest id = id(document, chain.get(i), parent);
            byte[] bytes = finished(document, id, parent);
            documents.put(Digest.of(bytes), bytes);
            parent = Optional.of(id);
        }
        return documents;
    }

    private static ObjectNode below() {
        ObjectNode node = Json.MAPPER.createObjectNode();
        node.put("created", EPOCH);
        node.set("container_config", noContainer());
        return node;
    }

    private ObjectNode top() {
        ObjectNode node = Json.MAPPER.createObjectNode();
        for (String key : KEPT) {
            JsonNode value = config.get(key);
            if (value != null && !value.isNull()) {
                node.set(key, key.endsWith("config") ? container(value) : value);
            } else if (key.equals("created")) {
                node.put(key, EPOCH);
            } else if (key.equals("container_config")) {
                node.set(key, noContainer());
            }
        }
        return node;
    }

    private static JsonNode noContainer() {
        return container(Json.MAPPER.createObjectNode());
    }

    private static JsonNode container(JsonNode given) {
        ObjectNode node = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> member : Json.MAPPER.readTree(CONTAINER).properties()) {
            JsonNode value = given.get(member.getKey());
            boolean optional = member.getValue().isObject();
            if (value != null && !(optional && value.isNull())) {
                node.set(member.getKey(), value);
            } else if (!optional) {
                node.set(member.getKey(), member.getValue());
            }
        }
        return node;
    }

    /// As Go writes it.
    private static byte[] bytes(Object value) {
        return Json.MAPPER
                .writeValueAsString(value)
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .getBytes(StandardCharsets.UTF_8);
    }

    /// Docker's rule: the digest of the document with its keys in order, and what it lies on.
    private static Digest id(ObjectNode document, Digest chainId, Optional<Digest> parent) {
        var members = new TreeMap<String, JsonNode>();
        document.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
        members.put("layer_id", Json.MAPPER.getNodeFactory().stringNode(chainId.toString()));
        parent.ifPresent(digest ->
                members.put("parent", Json.MAPPER.getNodeFactory().stringNode(digest.toString())));
        return Digest.of(bytes(members));
    }

    private byte[] finished(ObjectNode document, Digest id, Optional<Digest> parent) {
        ObjectNode node = Json.MAPPER.createObjectNode();
        node.put("id", id.hex());
        parent.ifPresent(digest -> node.put("parent", digest.hex()));
        document.properties().forEach(member -> node.set(member.getKey(), member.getValue()));
        node.put("os", os);
        return bytes(node);
    }
}
