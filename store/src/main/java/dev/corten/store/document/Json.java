package dev.corten.store.document;

import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A bounded reader of JSON that came from elsewhere; every complaint names the document.
public final class Json {
    /// The largest manifest or configuration, in bytes; registries commonly have the same bound.
    public static final int MAX_DOCUMENT = 4 << 20;

    public static final int MAX_DEPTH = 64;

    public static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(MAX_DEPTH)
                                                    .maxDocumentLength(MAX_DOCUMENT)
                                                    .maxStringLength(MAX_DOCUMENT)
                                                    .maxNameLength(64 << 10)
                                                    .maxNumberLength(64)
                                                    .build())
                                    .build())
                    .build();

    private static final JsonMapper OWN = JsonMapper.builder().build();

    private final String document;
    private final JsonNode node;

    private Json(String document, JsonNode node) {
        this.document = document;
        this.node = node;
    }

    /// @param document what to call it in an error, such as `manifest.json`
    /// @throws InvalidParameter if it is no JSON or beyond a bound
    public static Json parse(String document, byte[] bytes) {
        if (bytes.length > MAX_DOCUMENT) {
            throw new InvalidParameter(
                    document + " is larger than " + MAX_DOCUMENT + " bytes: " + bytes.length);
        }
        return parse(document, bytes, MAPPER);
    }

    /// Likewise without a bound to its length, for what we have written ourselves.
    public static Json parseOwn(String document, byte[] bytes) {
        return parse(document, bytes, OWN);
    }

    private static Json parse(String document, byte[] bytes, JsonMapper mapper) {
        try {
            JsonNode node = mapper.readTree(bytes);
            if (node == null || node.isMissingNode()) {
                throw new InvalidParameter(document + " is empty");
            }
            return new Json(document, node);
        } catch (JacksonException e) {
            throw new InvalidParameter(
                    document + " is not valid JSON: " + e.getOriginalMessage(), e);
        }
    }

    public boolean isArray() {
        return node.isArray();
    }

    public boolean isText() {
        return node.isString();
    }

    public boolean isObject() {
        return node.isObject();
    }

    /// The member, or nothing if it is absent or null.
    public Optional<Json> member(String name) {
        JsonNode member = node.get(name);
        return member == null || member.isNull()
                ? Optional.empty()
                : Optional.of(new Json(document + ": " + name, member));
    }

    public Json require(String name) {
        return member(name).orElseThrow(() -> new InvalidParameter(document + ": no " + name));
    }

    public String text(String name) {
        return member(name).map(Json::asText).orElse("");
    }

    public boolean flag(String name) {
        return member(name)
                .map(m -> {
                    if (!m.node.isBoolean()) {
                        throw m.wrong("true or false");
                    }
                    return m.node.booleanValue();
                })
                .orElse(false);
    }

    public long number(String name) {
        return member(name)
                .map(m -> {
                    if (!m.node.isIntegralNumber() || !m.node.canConvertToLong()) {
                        throw m.wrong("a whole number");
                    }
                    return m.node.longValue();
                })
                .orElse(0L);
    }

    public long asNumber() {
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw wrong("a whole number");
        }
        return node.longValue();
    }

    public Optional<Instant> time(String name) {
        return member(name)
                .map(m -> {
                    try {
                        return OffsetDateTime.parse(m.asText()).toInstant();
                    } catch (DateTimeException e) {
                        throw m.wrong("a time");
                    }
                });
    }

    public @Nullable List<String> texts(String name) {
        return member(name).map(m -> m.elements().stream().map(Json::asText).toList()).orElse(null);
    }

    public @Nullable SortedSet<String> keys(String name) {
        return member(name)
                .map(m -> {
                    m.requireObject();
                    SortedSet<String> keys = new TreeSet<>(m.node.propertyNames());
                    return Collections.unmodifiableSortedSet(keys);
                })
                .orElse(null);
    }

    public @Nullable Map<String, String> map(String name) {
        return member(name)
                .map(m -> {
                    m.requireObject();
                    Map<String, String> map = new LinkedHashMap<>();
                    for (String key : m.node.propertyNames()) {
                        map.put(key, m.text(key));
                    }
                    return Collections.unmodifiableMap(map);
                })
                .orElse(null);
    }

    /// The members of an object by name, in their order.
    public Map<String, Json> members() {
        requireObject();
        var members = new LinkedHashMap<String, Json>();
        for (String key : node.propertyNames()) {
            member(key).ifPresent(m -> members.put(key, m));
        }
        return members;
    }

    public List<Json> elements() {
        if (!node.isArray()) {
            throw wrong("an array");
        }
        var elements = new ArrayList<Json>();
        for (JsonNode element : node) {
            elements.add(new Json(document, element));
        }
        return elements;
    }

    public Json requireObject() {
        if (!node.isObject()) {
            throw wrong("an object");
        }
        return this;
    }

    public String asText() {
        if (!node.isString()) {
            throw wrong("a string");
        }
        return node.stringValue();
    }

    public Digest asDigest() {
        try {
            return Digest.parse(asText());
        } catch (InvalidParameter e) {
            throw new InvalidParameter(document + ": " + e.message(), e);
        }
    }

    /// This part as a document of its own.
    public byte[] bytes() {
        return MAPPER.writeValueAsBytes(node);
    }

    private InvalidParameter wrong(String expected) {
        return new InvalidParameter(document + ": not " + expected);
    }
}
