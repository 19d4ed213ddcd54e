package dev.corten.runtime.bundle;

import dev.corten.model.InvalidParameter;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// JSON text, to and from trees of maps, lists, strings, numbers, booleans and null.
public final class Document {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Document() {}

    /// @param name what the text is, for a message: `config.json`
    /// @throws InvalidParameter if it is not one JSON value
    public static Value parse(String name, byte[] text) {
        try (JsonParser parser =
                FACTORY.createParser(tools.jackson.core.ObjectReadContext.empty(), text)) {
            parser.nextToken();
            Value value = new Value(name, tree(parser));
            if (parser.nextToken() != null) {
                throw new InvalidParameter(name + ": text after the value");
            }
            return value;
        } catch (JacksonException e) {
            throw new InvalidParameter(name + ": " + e.getOriginalMessage(), e);
        }
    }

    /// Values one after another, such as lines of a log; what follows a broken one is left out.
    public static List<Value> parseAll(String name, byte[] text) {
        var values = new ArrayList<Value>();
        try (JsonParser parser =
                FACTORY.createParser(tools.jackson.core.ObjectReadContext.empty(), text)) {
            while (parser.nextToken() != null) {
                values.add(new Value(name, tree(parser)));
            }
        } catch (JacksonException e) {
            values.add(new Value(name, null));
        }
        return values;
    }

    private static @Nullable Object tree(JsonParser parser) {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new InvalidParameter("unexpected end of JSON");
        }
        return switch (token) {
            case START_OBJECT -> {
                var members = new LinkedHashMap<String, @Nullable Object>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    members.put(name, tree(parser));
                }
                yield members;
            }
            case START_ARRAY -> {
                var items = new ArrayList<@Nullable Object>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(tree(parser));
                }
                yield items;
            }
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new BigDecimal(parser.getString());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new InvalidParameter("unexpected JSON: " + token);
        };
    }

    /// One line of JSON.
    public static byte[] write(@Nullable Object tree) {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            write(out, tree);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator out, @Nullable Object tree) {
        switch (tree) {
            case null -> out.writeNull();
            case Map<?, ?> members -> {
                out.writeStartObject();
                members.forEach((name, value) -> {
                    out.writeName(String.valueOf(name));
                    write(out, value);
                });
                out.writeEndObject();
            }
            case List<?> items -> {
                out.writeStartArray();
                items.forEach(item -> write(out, item));
                out.writeEndArray();
            }
            case Boolean flag -> out.writeBoolean(flag);
            case BigDecimal number -> out.writeNumber(number.toPlainString());
            case Number number -> out.writeNumber(number.longValue());
            default -> out.writeString(wellFormed(String.valueOf(tree)));
        }
    }

    /// JSON is Unicode: a byte that is none becomes U+FFFD, as everywhere.
    private static String wellFormed(String text) {
        var out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            out.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c);
        }
        return out.toString();
    }
}
