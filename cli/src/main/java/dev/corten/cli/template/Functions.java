package dev.corten.cli.template;

import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.model.RawText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// The functions of templates: Docker's own and Go's.
final class Functions {
    static final char TEXT = 's';
    static final char INTEGER = 'i';
    static final char TEXTS = 'l';
    static final char ANYTHING = '*';

    /// What a function takes.
    ///
    /// @param types a letter for each argument
    /// @param many whether more may follow
    record Signature(String types, boolean many) {
        char type(int argument) {
            return argument < types.length() ? types.charAt(argument) : ANYTHING;
        }
    }

    private Functions() {}

    static boolean has(String name) {
        return !signature(name).types.equals("?");
    }

    /// @param titles whether it is called for a table's titles
    static Signature signature(String name, boolean titles) {
        if (titles && keepsTitles(name)) {
            return new Signature(name.equals("join") ? "ss" : signature(name).types, false);
        }
        return signature(name);
    }

    private static Signature signature(String name) {
        return switch (name) {
            case "json", "len", "not" -> new Signature("*", false);
            case "lower", "upper", "title" -> new Signature("s", false);
            case "join" -> new Signature("ls", false);
            case "split" -> new Signature("ss", false);
            case "truncate" -> new Signature("si", false);
            case "pad" -> new Signature("sii", false);
            case "printf" -> new Signature("s", true);
            case "index", "slice", "and", "or", "eq" -> new Signature("*", true);
            case "ne", "lt", "le", "gt", "ge" -> new Signature("**", false);
            case "print", "println", "html", "js", "urlquery" -> new Signature("", true);
            default -> new Signature("?", false);
        };
    }

    private static boolean keepsTitles(String name) {
        return switch (name) {
            case "json", "split", "join", "title", "lower", "upper", "truncate" -> true;
            default -> false;
        };
    }

    /// @throws FunctionFailure if the arguments do not serve
    static Value apply(String name, List<Value> a, boolean titles) {
        if (titles && keepsTitles(name)) {
            return a.getFirst();
        }
        return switch (name) {
            case "json" -> Value.text(json(a.getFirst()));
            case "lower" -> Value.text(a.getFirst().string().toLowerCase(Locale.ROOT));
            case "upper" -> Value.text(a.getFirst().string().toUpperCase(Locale.ROOT));
            case "title" -> Value.text(title(a.getFirst().string()));
            case "join" -> Value.text(join(a.get(0), a.get(1).string()));
            case "split" -> Value.texts(split(a.get(0).string(), a.get(1).string()));
            case "truncate" -> Value.text(truncate(a.get(0).string(), a.get(1).integer()));
            case "pad" ->
                    Value.text(pad(a.get(0).string(), a.get(1).integer(), a.get(2).integer()));
            case "len" -> Value.integer(length(a.getFirst()));
            case "not" -> Value.bool(!a.getFirst().isTrue());
            case "index" -> index(a);
            case "slice" -> slice(a);
            case "print" -> Value.text(print(a));
            case "println" -> Value.text(println(a));
            case "printf" -> Value.text(Printf.format(a));
            case "html" -> Value.text(Escapes.html(print(a)));
            case "js" -> Value.text(Escapes.js(print(a)));
            case "urlquery" -> Value.text(Escapes.query(print(a)));
            case "eq" -> Value.bool(equalsAny(a));
            case "ne" -> Value.bool(!Comparison.equal(a.get(0), a.get(1)));
            case "lt" -> Value.bool(Comparison.less(a.get(0), a.get(1)));
            case "le" ->
                    Value.bool(
                            Comparison.less(a.get(0), a.get(1))
                                    || Comparison.equal(a.get(0), a.get(1)));
            case "gt" ->
                    Value.bool(
                            !Comparison.less(a.get(0), a.get(1))
                                    && !Comparison.equal(a.get(0), a.get(1)));
            case "ge" -> Value.bool(!Comparison.less(a.get(0), a.get(1)));
            default -> throw new IllegalStateException(name);
        };
    }

    private static boolean equalsAny(List<Value> a) {
        if (a.size() == 1) {
            throw new FunctionFailure("missing argument for comparison");
        }
        for (int i = 1; i < a.size(); i++) {
            if (Comparison.equal(a.getFirst(), a.get(i))) {
                return true;
            }
        }
        return false;
    }

    private static String json(Value value) {
        Json json = value.json();
        if (value.shape().kind() == Shape.Kind.STRUCT && json.kind() == Json.Kind.OBJECT) {
            return structure(value);
        }
        if (json.isNothing()) {
            return "null";
        }
        return new JsonWriter().value(json).toString();
    }

    /// Without members whose names cannot come from JSON: those that rows hide.
    private static String structure(Value value) {
        var writer = new JsonWriter().object();
        for (var member : value.json().members().entrySet()) {
            if (member.getKey().isEmpty() || member.getKey().charAt(0) != '\0') {
                writer.name(member.getKey()).value(member.getValue());
            }
        }
        return writer.end().toString();
    }

    private static String title(String text) {
        var title = new StringBuilder(text);
        boolean start = true;
        for (int i = 0; i < title.length(); i++) {
            char c = title.charAt(i);
            if (start) {
                title.setCharAt(i, Character.toTitleCase(c));
            }
            start = !Character.isLetterOrDigit(c) && c != '_' && c != '\'';
        }
        return title.toString();
    }

    private static String join(Value list, String separator) {
        var text = new StringBuilder();
        for (int i = 0; i < list.size(); i++) {
            text.append(i == 0 ? "" : separator).append(list.item(i).string());
        }
        return text.toString();
    }

    private static List<String> split(String text, String separator) {
        var parts = new ArrayList<String>();
        if (separator.isEmpty()) {
            for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
                parts.add(Character.toString(text.codePointAt(i)));
            }
            return parts;
        }
        int start = 0;
        for (int next = text.indexOf(separator); next >= 0; ) {
            parts.add(text.substring(start, next));
            start = next + separator.length();
            next = text.indexOf(separator, start);
        }
        parts.add(text.substring(start));
        return parts;
    }

    /// Counts bytes, as Go does.
    private static String truncate(String text, long length) {
        byte[] bytes = RawText.encode(text);
        if (length < 0) {
            throw new FunctionFailure("runtime error: slice bounds out of range [:" + length + "]");
        }
        return bytes.length <= length ? text : RawText.decode(Arrays.copyOf(bytes, (int) length));
    }

    private static String pad(String text, long before, long after) {
        if (text.isEmpty()) {
            return text;
        }
        if (before < 0 || after < 0) {
            throw new FunctionFailure("strings: negative Repeat count");
        }
        return " ".repeat((int) before) + text + " ".repeat((int) after);
    }

    private static long length(Value value) {
        if (value.isNil()) {
            throw new FunctionFailure("len of nil pointer");
        }
        return switch (value.kind()) {
            case STRING -> RawText.encode(value.string()).length;
            case LIST, MAP -> value.size();
            default -> throw new FunctionFailure("len of type " + value.typeName());
        };
    }

    private static Value index(List<Value> a) {
        Value value = a.getFirst();
        if (value.isNil()) {
            throw new FunctionFailure("index of untyped nil");
        }
        for (Value key : a.subList(1, a.size())) {
            if (value.isNil()) {
                throw new FunctionFailure("index of nil pointer");
            }
            switch (value.kind()) {
                case LIST -> value = value.item(position(key, value.size()));
                case STRING -> {
                    byte[] bytes = RawText.encode(value.string());
                    value = Value.integer(bytes[position(key, bytes.length)] & 0xFF);
                }
                case MAP -> {
                    if (key.kind() != Shape.Kind.STRING) {
                        throw new FunctionFailure(
                                "value has type " + key.typeName() + "; should be string");
                    }
                    Value member = value.member(key.string());
                    value = member == null ? value.zeroMember() : member;
                }
                default ->
                        throw new FunctionFailure("can't index item of type " + value.typeName());
            }
        }
        return value;
    }

    private static int position(Value key, int size) {
        if (key.kind() != Shape.Kind.INT) {
            throw new FunctionFailure(
                    key.isNil()
                            ? "cannot index slice/array with nil"
                            : "cannot index slice/array with type " + key.typeName());
        }
        long at = key.integer();
        if (at < 0 || at >= size) {
            throw new FunctionFailure("index out of range: " + at);
        }
        return (int) at;
    }

    private static Value slice(List<Value> a) {
        Value value = a.getFirst();
        if (value.isNil()) {
            throw new FunctionFailure("slice of untyped nil");
        }
        if (a.size() > 4) {
            throw new FunctionFailure("too many slice indexes: " + (a.size() - 1));
        }
        boolean text = value.kind() == Shape.Kind.STRING;
        if (!text && value.kind() != Shape.Kind.LIST) {
            throw new FunctionFailure("can't slice item of type " + value.typeName());
        }
        if (text && a.size() == 4) {
            throw new FunctionFailure("cannot 3-index slice a string");
        }
        byte[] bytes = text ? RawText.encode(value.string()) : new byte[0];
        int size = text ? bytes.length : value.size();
        int from = a.size() > 1 ? position(a.get(1), size + 1) : 0;
        int to = a.size() > 2 ? position(a.get(2), size + 1) : size;
        if (from > to) {
            throw new FunctionFailure("invalid slice index: " + from + " > " + to);
        }
        if (text) {
            return Value.text(RawText.decode(Arrays.copyOfRange(bytes, from, to)));
        }
        return Value.of(
                Json.array(new ArrayList<>(value.json().items().subList(from, to))), value.shape());
    }

    /// With spaces between two of which neither is a text.
    private static String print(List<Value> a) {
        var text = new StringBuilder();
        for (int i = 0; i < a.size(); i++) {
            boolean space =
                    i > 0
                            && a.get(i).kind() != Shape.Kind.STRING
                            && a.get(i - 1).kind() != Shape.Kind.STRING;
            text.append(space ? " " : "").append(argument(a.get(i)));
        }
        return text.toString();
    }

    private static String println(List<Value> a) {
        var text = new StringBuilder();
        for (int i = 0; i < a.size(); i++) {
            text.append(i == 0 ? "" : " ").append(argument(a.get(i)));
        }
        return text.append('\n').toString();
    }

    /// What is nothing is `<nil>` to a function.
    static String argument(Value value) {
        return value.isNil() ? "<nil>" : value.print();
    }
}
