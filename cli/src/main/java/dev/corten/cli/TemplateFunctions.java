package dev.corten.cli;

import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The functions of templates: Docker's own, and those of Go's that serve here.
final class TemplateFunctions {
    private TemplateFunctions() {}

    /// A call by name.
    ///
    /// @throws Failure if there is no such function, or it takes another number of arguments
    static Template.Expression call(String name, List<Template.Expression> arguments) {
        int count = arguments.size();
        switch (name) {
            case "json", "lower", "upper", "title", "len", "not" -> require(name, count, 1, 1);
            case "join", "split", "truncate" -> require(name, count, 2, 2);
            case "pad" -> require(name, count, 3, 3);
            case "index", "printf" -> require(name, count, 1, Integer.MAX_VALUE);
            case "eq" -> require(name, count, 2, Integer.MAX_VALUE);
            case "ne", "lt", "le", "gt", "ge" -> require(name, count, 2, 2);
            case "and", "or" -> require(name, count, 1, Integer.MAX_VALUE);
            case "print", "println" -> {}
            default -> throw Template.malformed("function \"" + name + "\" not defined");
        }
        if (name.equals("and") || name.equals("or")) {
            return lazy(name.equals("and"), arguments);
        }
        return (state, dot) -> {
            var values = new ArrayList<Json>();
            for (Template.Expression argument : arguments) {
                values.add(argument.value(state, dot));
            }
            return apply(name, values);
        };
    }

    private static void require(String name, int count, int min, int max) {
        if (count < min || count > max) {
            throw Template.malformed("wrong number of args for " + name + ": got " + count);
        }
    }

    private static Template.Expression lazy(boolean and, List<Template.Expression> arguments) {
        return (state, dot) -> {
            Json value = Json.ABSENT;
            for (Template.Expression argument : arguments) {
                value = argument.value(state, dot);
                if (isTrue(value) != and) {
                    return value;
                }
            }
            return value;
        };
    }

    private static Json apply(String name, List<Json> a) {
        return switch (name) {
            case "json" ->
                    Json.string(new JsonWriter().value(ListRows.visible(a.get(0))).toString());
            case "lower" -> Json.string(text(name, a.get(0)).toLowerCase(Locale.ROOT));
            case "upper" -> Json.string(text(name, a.get(0)).toUpperCase(Locale.ROOT));
            case "title" -> Json.string(title(text(name, a.get(0))));
            case "len" -> Json.number(length(a.get(0)));
            case "not" -> Json.bool(!isTrue(a.get(0)));
            case "join" -> Json.string(join(a.get(0), text(name, a.get(1))));
            case "split" -> split(text(name, a.get(0)), text(name, a.get(1)));
            case "truncate" -> truncate(text(name, a.get(0)), a.get(1).integer(0));
            case "pad" -> pad(text(name, a.get(0)), a.get(1).integer(0), a.get(2).integer(0));
            case "index" -> index(a);
            case "printf" -> Json.string(format(a));
            case "print", "println" -> {
                var text = new StringBuilder();
                for (Json value : a) {
                    boolean space = !text.isEmpty() && name.equals("println");
                    text.append(space ? " " : "").append(print(value));
                }
                yield Json.string(name.equals("println") ? text + "\n" : text.toString());
            }
            case "eq" -> {
                boolean any = false;
                for (int i = 1; i < a.size(); i++) {
                    any |= compare(a.get(0), a.get(i)) == 0;
                }
                yield Json.bool(any);
            }
            case "ne" -> Json.bool(compare(a.get(0), a.get(1)) != 0);
            case "lt" -> Json.bool(compare(a.get(0), a.get(1)) < 0);
            case "le" -> Json.bool(compare(a.get(0), a.get(1)) <= 0);
            case "gt" -> Json.bool(compare(a.get(0), a.get(1)) > 0);
            case "ge" -> Json.bool(compare(a.get(0), a.get(1)) >= 0);
            default -> throw new IllegalStateException(name);
        };
    }

    private static String text(String function, Json value) {
        if (value.kind() != Json.Kind.STRING) {
            throw failed(function, "wrong type for value; expected string");
        }
        return value.text("");
    }

    private static Failure failed(String function, String reason) {
        return new Failure(
                "failed to execute template: template: :1: executing \"\" at <"
                        + function
                        + ">: error calling "
                        + function
                        + ": "
                        + reason);
    }

    private static String title(String text) {
        var title = new StringBuilder(text);
        for (int i = 0; i < title.length(); i++) {
            if (i == 0 || title.charAt(i - 1) == ' ') {
                title.setCharAt(i, Character.toUpperCase(title.charAt(i)));
            }
        }
        return title.toString();
    }

    private static long length(Json value) {
        return switch (value.kind()) {
            case STRING -> value.literal().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
            case ARRAY -> value.items().size();
            case OBJECT -> value.members().size();
            default -> {
                if (value.kind() == Json.Kind.NULL) {
                    yield 0;
                }
                throw failed("len", "len of type " + value.kind());
            }
        };
    }

    private static String join(Json list, String separator) {
        var text = new StringBuilder();
        int i = 0;
        for (Json item : list.items()) {
            text.append(i++ == 0 ? "" : separator).append(print(item));
        }
        return text.toString();
    }

    private static Json split(String text, String separator) {
        var parts = new ArrayList<Json>();
        int start = 0;
        while (!separator.isEmpty()) {
            int next = text.indexOf(separator, start);
            if (next < 0) {
                break;
            }
            parts.add(Json.string(text.substring(start, next)));
            start = next + separator.length();
        }
        parts.add(Json.string(text.substring(start)));
        return Json.array(parts);
    }

    private static Json truncate(String text, long length) {
        return Json.string(text.length() <= length ? text : text.substring(0, (int) length));
    }

    private static Json pad(String text, long before, long after) {
        if (text.isEmpty()) {
            return Json.string(text);
        }
        return Json.string(" ".repeat((int) before) + text + " ".repeat((int) after));
    }

    private static Json index(List<Json> a) {
        Json value = a.getFirst();
        for (Json key : a.subList(1, a.size())) {
            if (value.kind() == Json.Kind.ARRAY) {
                long i = key.integer(-1);
                if (i < 0 || i >= value.items().size()) {
                    throw failed("index", "index out of range: " + print(key));
                }
                value = value.items().get((int) i);
            } else if (value.kind() == Json.Kind.OBJECT || value.kind() == Json.Kind.NULL) {
                value = value.get(key.literal());
            } else {
                throw failed("index", "can't index item of type " + value.kind());
            }
        }
        return value;
    }

    /// `%s`, `%v`, `%d`, `%q` and `%%`, with a width.
    private static String format(List<Json> a) {
        String pattern = text("printf", a.getFirst());
        var text = new StringBuilder();
        int next = 1;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '%') {
                text.append(c);
                continue;
            }
            int start = ++i;
            while (i < pattern.length() && "-0123456789".indexOf(pattern.charAt(i)) >= 0) {
                i++;
            }
            char verb = i < pattern.length() ? pattern.charAt(i) : '%';
            if (verb == '%') {
                text.append('%');
                continue;
            }
            if ("svdq".indexOf(verb) < 0) {
                throw failed("printf", "%" + verb + " is not supported");
            }
            if (next == a.size()) {
                text.append("%!").append(verb).append("(MISSING)");
                continue;
            }
            Json value = a.get(next++);
            String shown =
                    verb == 'q' ? new JsonWriter().value(print(value)).toString() : print(value);
            text.append(aligned(shown, pattern.substring(start, i)));
        }
        return text.toString();
    }

    private static String aligned(String text, String width) {
        boolean left = width.startsWith("-");
        String digits = left ? width.substring(1) : width;
        int missing = digits.isEmpty() ? 0 : Integer.parseInt(digits) - text.length();
        String space = " ".repeat(Math.max(missing, 0));
        return left ? text + space : space + text;
    }

    private static int compare(Json a, Json b) {
        if (a.kind() != b.kind() && !(a.isNothing() && b.isNothing())) {
            if (a.isNothing() || b.isNothing()) {
                return 1;
            }
            throw failed("eq", "incompatible types for comparison");
        }
        return a.kind() == Json.Kind.NUMBER
                ? Long.compare(a.integer(0), b.integer(0))
                : a.literal().compareTo(b.literal());
    }

    /// Not zero, not empty, not false.
    static boolean isTrue(Json value) {
        return switch (value.kind()) {
            case OBJECT -> !value.members().isEmpty();
            case ARRAY -> !value.items().isEmpty();
            case STRING -> !value.literal().isEmpty();
            case NUMBER -> !value.literal().equals("0");
            case BOOLEAN -> value.isTrue();
            case NULL, ABSENT -> false;
        };
    }

    /// As Go prints it: `map[a:b]`, `[a b]`.
    static String print(Json value) {
        var text = new StringBuilder();
        print(value, text);
        return text.toString();
    }

    private static void print(Json value, StringBuilder text) {
        switch (value.kind()) {
            case OBJECT -> {
                var names = new ArrayList<>(value.members().keySet());
                names.sort(null);
                text.append("map[");
                for (int i = 0; i < names.size(); i++) {
                    text.append(i == 0 ? "" : " ").append(names.get(i)).append(':');
                    print(value.get(names.get(i)), text);
                }
                text.append(']');
            }
            case ARRAY -> {
                text.append('[');
                int i = 0;
                for (Json item : value.items()) {
                    text.append(i++ == 0 ? "" : " ");
                    print(item, text);
                }
                text.append(']');
            }
            // In the API's documents null stands for an empty list far more often than for
            // anything else.
            case NULL -> text.append("[]");
            case ABSENT -> text.append("<no value>");
            case STRING, NUMBER, BOOLEAN -> text.append(value.literal());
        }
    }
}
