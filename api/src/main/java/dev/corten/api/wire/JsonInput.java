package dev.corten.api.wire;

import dev.corten.model.InvalidParameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// One JSON object of a request, read as Go reads it: keys in any case, the last of equal ones
/// counts, unknown ones are ignored, `null` is the same as absence. A value of the wrong type is an
/// [InvalidParameter] that names the member.
public final class JsonInput {
    private static final int MAX_DEPTH = 64;

    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .build())
                                    .build())
                    .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private final String path;
    private final Map<String, JsonNode> members = new LinkedHashMap<>();

    private JsonInput(String path, JsonNode object) {
        this.path = path;
        for (Map.Entry<String, JsonNode> member : object.properties()) {
            members.put(member.getKey().toLowerCase(Locale.ROOT), member.getValue());
        }
    }

    /// An object without members.
    static JsonInput empty() {
        return parse("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /// Reads a request's body; `null` is an object without members.
    public static JsonInput parse(byte[] body) {
        JsonNode node = tree(body);
        if (!node.isObject() && !node.isNull()) {
            throw new InvalidParameter("invalid JSON: the request body must be an object");
        }
        return new JsonInput("", node);
    }

    /// A value of any kind, as Java's maps, lists, texts, numbers, booleans and null.
    static @Nullable Object parsePlain(String text) {
        return plain(tree(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    /// Likewise, of a document of which nobody asks for single members.
    public static @Nullable Object parseDocument(byte[] document) {
        return plain(tree(document));
    }

    private static JsonNode tree(byte[] body) {
        try (var parser = MAPPER.createParser(body)) {
            if (parser.nextToken() == null) {
                throw new InvalidParameter("invalid JSON: got EOF while reading request body");
            }
            JsonNode node = MAPPER.readTree(parser);
            if (hasMore(body, (int) parser.currentLocation().getByteOffset())) {
                throw new InvalidParameter("unexpected content after JSON");
            }
            return node;
        } catch (UnexpectedEndOfInputException e) {
            throw new InvalidParameter("invalid JSON: unexpected EOF", e);
        } catch (JacksonException e) {
            throw new InvalidParameter("invalid JSON: " + e.getOriginalMessage(), e);
        }
    }

    /// Like Go's `Decoder.More`: a closing bracket is not content.
    private static boolean hasMore(byte[] body, int from) {
        for (int i = from; i < body.length; i++) {
            switch (body[i]) {
                case ' ', '\t', '\r', '\n' -> {}
                case ']', '}' -> {
                    return false;
                }
                default -> {
                    return true;
                }
            }
        }
        return false;
    }

    // ---- members -------------------------------------------------------------------------------

    /// Whether one of the keys occurs.
    public boolean hasAny(List<String> keys) {
        return keys.stream().anyMatch(key -> find(key) != null);
    }

    public boolean has(String key) {
        return find(key) != null;
    }

    public String text(String key, String otherwise) {
        JsonNode node = find(key);
        return node == null ? otherwise : string(node, key);
    }

    public String text(String key) {
        return text(key, "");
    }

    public boolean flag(String key) {
        JsonNode node = find(key);
        return node != null && bool(node, key);
    }

    public @Nullable Boolean flagOrNull(String key) {
        JsonNode node = find(key);
        return node == null ? null : (Boolean) bool(node, key);
    }

    public long number(String key) {
        JsonNode node = find(key);
        return node == null ? 0 : integer(node, key);
    }

    public int smallNumber(String key) {
        long value = number(key);
        if (value != (int) value) {
            throw wrong(key, "a number of 32 bits");
        }
        return (int) value;
    }

    public @Nullable Long numberOrNull(String key) {
        JsonNode node = find(key);
        return node == null ? null : (Long) integer(node, key);
    }

    /// The texts; null if absent.
    public @Nullable List<String> texts(String key) {
        JsonNode node = find(key);
        return node == null ? null : list(node, key, text -> stringOrNull(text, key));
    }

    /// The texts, or one text alone, which counts as a list of it.
    public @Nullable List<String> textOrTexts(String key) {
        JsonNode node = find(key);
        return node != null && node.isString() ? List.of(node.stringValue()) : texts(key);
    }

    public @Nullable List<List<String>> rows(String key) {
        JsonNode node = find(key);
        return node == null
                ? null
                : list(
                        node,
                        key,
                        row ->
                                row.isNull()
                                        ? List.<String>of()
                                        : list(row, key, element -> stringOrNull(element, key)));
    }

    public @Nullable List<Long> numbers(String key) {
        JsonNode node = find(key);
        return node == null
                ? null
                : list(node, key, element -> element.isNull() ? 0L : (Long) integer(element, key));
    }

    public @Nullable Map<String, String> map(String key) {
        return members(key, (_, value) -> value.isNull() ? "" : string(value, key));
    }

    /// The keys of an object whose values do not matter.
    public @Nullable SortedSet<String> set(String key) {
        Map<String, Boolean> found = members(key, (_, _) -> Boolean.TRUE);
        return found == null ? null : new TreeSet<>(found.keySet());
    }

    public @Nullable JsonInput object(String key) {
        JsonNode node = find(key);
        return node == null ? null : nested(node, key);
    }

    /// Maps each element, an object; null if absent.
    public <T> @Nullable List<T> objects(String key, Function<JsonInput, T> map) {
        JsonNode node = find(key);
        return node == null ? null : list(node, key, element -> map.apply(nested(element, key)));
    }

    /// Maps each member's value, an object or null; null if absent.
    public <T> @Nullable Map<String, T> objectsByKey(String key, Function<JsonInput, T> map) {
        return members(key, (_, value) -> map.apply(nested(value, key)));
    }

    /// Maps each member's value, an array of objects; null if absent.
    public <T> @Nullable Map<String, List<T>> listsByKey(String key, Function<JsonInput, T> map) {
        return members(
                key,
                (_, value) ->
                        value.isNull()
                                ? List.of()
                                : list(value, key, element -> map.apply(nested(element, key))));
    }

    /// An object kept as it is; null if absent.
    public @Nullable Map<String, Object> raw(String key) {
        JsonNode node = find(key);
        if (node == null) {
            return null;
        }
        if (!node.isObject()) {
            throw wrong(key, "an object");
        }
        var map = new LinkedHashMap<String, Object>();
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            Object value = plain(member.getValue());
            if (value != null) {
                map.put(member.getKey(), value);
            }
        }
        return map;
    }

    private @Nullable JsonNode find(String key) {
        JsonNode node = members.get(key.toLowerCase(Locale.ROOT));
        return node == null || node.isNull() ? null : node;
    }

    private JsonInput nested(JsonNode node, String key) {
        if (!node.isObject() && !node.isNull()) {
            throw wrong(key, "an object");
        }
        return new JsonInput(path + key + ".", node);
    }

    private interface MemberMapper<T> {
        T map(String key, JsonNode value);
    }

    private <T> @Nullable Map<String, T> members(String key, MemberMapper<T> mapper) {
        JsonNode node = find(key);
        if (node == null) {
            return null;
        }
        if (!node.isObject()) {
            throw wrong(key, "an object");
        }
        var map = new TreeMap<String, T>();
        for (Map.Entry<String, JsonNode> member : node.properties()) {
            map.put(member.getKey(), mapper.map(member.getKey(), member.getValue()));
        }
        return map;
    }

    private <T> List<T> list(JsonNode node, String key, Function<JsonNode, T> map) {
        if (!node.isArray()) {
            throw wrong(key, "an array");
        }
        var list = new ArrayList<T>(node.size());
        for (JsonNode element : node) {
            list.add(map.apply(element));
        }
        return List.copyOf(list);
    }

    private String string(JsonNode node, String key) {
        if (!node.isString()) {
            throw wrong(key, "a string");
        }
        return node.stringValue();
    }

    /// In Go null in an array of texts is the empty text.
    private String stringOrNull(JsonNode node, String key) {
        return node.isNull() ? "" : string(node, key);
    }

    private boolean bool(JsonNode node, String key) {
        if (!node.isBoolean()) {
            throw wrong(key, "true or false");
        }
        return node.booleanValue();
    }

    private long integer(JsonNode node, String key) {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw wrong(key, "a whole number");
        }
        return node.longValue();
    }

    private InvalidParameter wrong(String key, String wanted) {
        return new InvalidParameter("invalid JSON: " + path + key + " must be " + wanted);
    }

    private static @Nullable Object plain(JsonNode node) {
        if (node.isObject()) {
            var map = new LinkedHashMap<String, @Nullable Object>();
            node.properties().forEach(e -> map.put(e.getKey(), plain(e.getValue())));
            return map;
        }
        if (node.isArray()) {
            var list = new ArrayList<@Nullable Object>();
            node.forEach(element -> list.add(plain(element)));
            return list;
        }
        if (node.isString()) {
            return node.stringValue();
        }
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        return node.isNull() ? null : node.numberValue();
    }
}
