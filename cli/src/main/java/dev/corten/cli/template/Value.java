package dev.corten.cli.template;

import dev.corten.client.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a template works with: JSON and its [Shape].
public final class Value {
    /// No value: printed `<no value>`.
    static final Value NONE = new Value(Json.ABSENT, Shape.ANY);

    private final Json json;
    private final Shape shape;

    private Value(Json json, Shape shape) {
        this.json = json;
        this.shape = shape;
    }

    /// @param shape [Shape#ANY] if nothing but the JSON is known
    public static Value of(Json json, Shape shape) {
        return new Value(json, shape);
    }

    static Value text(String text) {
        return new Value(Json.string(text), Shape.STRING);
    }

    static Value integer(long number) {
        return new Value(Json.number(number), Shape.INT);
    }

    static Value decimal(double number) {
        return new Value(Json.number(number), Shape.FLOAT);
    }

    static Value bool(boolean value) {
        return new Value(Json.bool(value), Shape.BOOL);
    }

    static Value texts(List<String> texts) {
        var items = new ArrayList<Json>(texts.size());
        for (String text : texts) {
            items.add(Json.string(text));
        }
        return new Value(Json.array(items), Shape.list(Shape.STRING));
    }

    Json json() {
        return json;
    }

    Shape shape() {
        return shape;
    }

    /// A nil pointer, or nothing at all.
    boolean isNil() {
        return json.isNothing() && (shape.isPointer() || shape.kind() == Shape.Kind.ANY);
    }

    /// The kind that matters, with `ANY` resolved by what the JSON is; `ANY` itself for nothing.
    Shape.Kind kind() {
        if (shape.kind() != Shape.Kind.ANY) {
            return shape.kind();
        }
        return switch (json.kind()) {
            case OBJECT -> Shape.Kind.MAP;
            case ARRAY -> Shape.Kind.LIST;
            case STRING -> Shape.Kind.STRING;
            case NUMBER -> isInteger(json.literal()) ? Shape.Kind.INT : Shape.Kind.FLOAT;
            case BOOLEAN -> Shape.Kind.BOOL;
            case NULL, ABSENT -> Shape.Kind.ANY;
        };
    }

    private static boolean isInteger(String number) {
        for (int i = number.startsWith("-") ? 1 : 0; i < number.length(); i++) {
            if (number.charAt(i) < '0' || number.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }

    /// Go's name of the type, as its messages have it.
    String typeName() {
        if (shape.kind() != Shape.Kind.ANY) {
            return shape.typeName();
        }
        return switch (json.kind()) {
            case OBJECT -> "map[string]interface {}";
            case ARRAY -> "[]interface {}";
            case STRING -> "string";
            case NUMBER -> "json.Number";
            case BOOLEAN -> "bool";
            case NULL, ABSENT -> "<nil>";
        };
    }

    String string() {
        return json.text("");
    }

    long integer() {
        return json.integer(0);
    }

    double decimal() {
        return json.kind() == Json.Kind.NUMBER ? Double.parseDouble(json.literal()) : 0;
    }

    /// A field of a structure; null if it has none of that name.
    @Nullable Value field(String name) {
        Shape.Field field = shape.field(name);
        return field == null ? null : value(field);
    }

    private Value value(Shape.Field field) {
        return new Value(field.isEmbedded() ? json : json.get(field.json()), field.shape());
    }

    /// The member of a map; null if there is none.
    @Nullable Value member(String name) {
        Json member = json.members().get(name);
        return member == null ? null : new Value(member, elementShape());
    }

    Value item(int index) {
        return new Value(json.items().get(index), elementShape());
    }

    private Shape elementShape() {
        return shape.kind() == Shape.Kind.ANY ? Shape.ANY : shape.element();
    }

    /// What a map has for a name that it has not: nothing, or the zero of its type.
    Value zeroMember() {
        return new Value(Json.ABSENT, elementShape());
    }

    /// The names of a map in order.
    List<String> keys() {
        var names = new ArrayList<>(json.members().keySet());
        names.sort(null);
        return names;
    }

    /// The number of elements or members.
    int size() {
        return kind() == Shape.Kind.MAP ? json.members().size() : json.items().size();
    }

    /// Not zero, not empty, not false, not nil.
    boolean isTrue() {
        if (isNil()) {
            return false;
        }
        return switch (kind()) {
            case BOOL -> json.isTrue();
            case INT, FLOAT, DURATION -> shape.isPointer() || decimal() != 0;
            case STRING -> shape.isPointer() || !string().isEmpty();
            case LIST, MAP -> size() > 0;
            case STRUCT, TIME, METHOD -> true;
            case ANY -> false;
        };
    }

    /// As Go prints it: `map[a:b]`, `[a b]`, `{a 1}`.
    String print() {
        var text = new StringBuilder();
        boolean nothing = shape.kind() == Shape.Kind.ANY && !shape.isPointer();
        print(text, nothing ? "<no value>" : "<nil>");
        return text.toString();
    }

    private void print(StringBuilder text, String nil) {
        if (isNil()) {
            text.append(nil);
            return;
        }
        switch (kind()) {
            case STRUCT -> {
                String separator = "{";
                for (Map.Entry<String, Shape.Field> entry : shape.fields().entrySet()) {
                    Shape.Field field = entry.getValue();
                    if (field.shape().kind() != Shape.Kind.METHOD) {
                        text.append(separator);
                        separator = " ";
                        value(field).print(text, "<nil>");
                    }
                }
                text.append(separator.equals("{") ? "{}" : "}");
            }
            case MAP -> {
                text.append("map[");
                String separator = "";
                for (String name : keys()) {
                    text.append(separator).append(name).append(':');
                    separator = " ";
                    new Value(json.get(name), elementShape()).print(text, "<nil>");
                }
                text.append(']');
            }
            case LIST -> {
                text.append('[');
                for (int i = 0; i < json.items().size(); i++) {
                    text.append(i == 0 ? "" : " ");
                    item(i).print(text, "<nil>");
                }
                text.append(']');
            }
            case BOOL -> text.append(json.isTrue());
            case INT -> text.append(json.literal().isEmpty() ? "0" : json.literal());
            case FLOAT -> text.append(GoText.number(decimal()));
            case STRING -> text.append(string());
            case TIME -> text.append(GoTime.show(string()));
            case DURATION -> text.append(GoTime.duration(integer()));
            case METHOD -> text.append("func");
            case ANY -> text.append(nil);
        }
    }
}
