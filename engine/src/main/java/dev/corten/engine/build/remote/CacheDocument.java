package dev.corten.engine.build.remote;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.store.document.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What an exported cache says: under which key a step is remembered, what its result holds, and of
/// which layers that is made.
///
/// ```json
/// {"format":1,
///  "diffIds":["sha256:…"],
///  "chains":[[],[0],[0,1]],
///  "records":[{"key":"sha256:…","content":"sha256:…","chain":2}]}
/// ```
///
/// @param diffIds of the layers that lie beside the document; of an image's own ones, in the image,
///     they are left out
/// @param chains of positions in that list, lowest first
record CacheDocument(List<Digest> diffIds, List<List<Integer>> chains, List<Known> records) {
    private static final int FORMAT = 1;

    /// An overlay of more cannot be mounted.
    private static final int MAX_CHAIN = 127;

    /// @param chain the position of its layers; empty: only its content is known
    record Known(Digest key, Digest content, Optional<Integer> chain) {}

    CacheDocument {
        diffIds = List.copyOf(diffIds);
        chains = List.copyOf(chains);
        records = List.copyOf(records);
    }

    byte[] write(boolean inline) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("format", FORMAT);
        if (!inline) {
            ArrayNode ids = json.putArray("diffIds");
            diffIds.forEach(id -> ids.add(id.toString()));
        }
        ArrayNode chainArray = json.putArray("chains");
        for (List<Integer> chain : chains) {
            ArrayNode array = chainArray.addArray();
            chain.forEach(array::add);
        }
        ArrayNode recordArray = json.putArray("records");
        for (Known known : records) {
            ObjectNode node = recordArray.addObject();
            node.put("key", known.key().toString());
            node.put("content", known.content().toString());
            known.chain().ifPresent(chain -> node.put("chain", chain));
        }
        byte[] bytes = Json.MAPPER.writeValueAsBytes(json);
        if (bytes.length > Json.MAX_DOCUMENT) {
            throw new InvalidParameter(
                    "the cache is too large to be exported: " + bytes.length + " bytes of keys");
        }
        return bytes;
    }

    /// @param layers the diff IDs of the image in whose configuration it was; empty if it was in none
    /// @throws InvalidParameter if it is none, or contradicts itself
    static CacheDocument read(byte[] bytes, Optional<List<Digest>> layers) {
        Json json = Json.parse("cache", bytes).requireObject();
        if (json.number("format") != FORMAT) {
            throw new InvalidParameter("cache has an unknown format");
        }
        List<Digest> diffIds =
                layers.orElseGet(() ->
                        json.require("diffIds").elements().stream().map(Json::asDigest).toList());
        var chains = new ArrayList<List<Integer>>();
        for (Json array : json.require("chains").elements()) {
            chains.add(chain(array, diffIds.size()));
        }
        var records = new ArrayList<Known>();
        for (Json each : json.require("records").elements()) {
            Optional<Integer> chain =
                    each.requireObject().member("chain").isEmpty()
                            ? Optional.empty()
                            : Optional.of(position(each.number("chain"), chains.size()));
            records.add(
                    new Known(
                            each.require("key").asDigest(),
                            each.require("content").asDigest(),
                            chain));
        }
        return new CacheDocument(diffIds, chains, records);
    }

    private static List<Integer> chain(Json array, int layers) {
        List<Json> elements = array.elements();
        if (elements.size() > MAX_CHAIN) {
            throw new InvalidParameter("cache has a chain of " + elements.size() + " layers");
        }
        return elements.stream().map(each -> position(each.asNumber(), layers)).toList();
    }

    private static int position(long position, int size) {
        if (position < 0 || position >= size) {
            throw new InvalidParameter("cache refers to what it does not have: " + position);
        }
        return (int) position;
    }

    Map<Digest, Known> byKey() {
        var all = new HashMap<Digest, Known>();
        records.forEach(known -> all.putIfAbsent(known.key(), known));
        return all;
    }
}
