package dev.corten.cli;

import dev.corten.client.Json;
import java.util.ArrayList;
import java.util.List;

/// Parses what stands between the braces: `json .Labels | printf "%s"`.
final class TemplateExpression {
    private final String source;
    private int position;

    TemplateExpression(String source) {
        this.source = source;
    }

    Template.Expression parse() {
        Template.Expression result = pipeline();
        skipSpace();
        if (position < source.length()) {
            throw Template.malformed("unexpected \"" + source.charAt(position) + "\" in operand");
        }
        return result;
    }

    private Template.Expression pipeline() {
        Template.Expression value = command(List.of());
        while (true) {
            skipSpace();
            if (position == source.length() || source.charAt(position) != '|') {
                return value;
            }
            position++;
            value = command(List.of(value));
        }
    }

    /// A function with its arguments, or one operand; [piped] becomes the last argument.
    private Template.Expression command(List<Template.Expression> piped) {
        skipSpace();
        int start = position;
        String name = identifier();
        boolean literal = name.equals("true") || name.equals("false") || name.equals("nil");
        if (!name.isEmpty() && !literal) {
            var arguments = new ArrayList<Template.Expression>();
            while (atOperand()) {
                arguments.add(operand());
            }
            arguments.addAll(piped);
            return TemplateFunctions.call(name, arguments);
        }
        position = start;
        boolean field = position < source.length() && source.charAt(position) == '.';
        Template.Expression first = operand();
        String shown = source.substring(start, position).strip();
        var arguments = new ArrayList<Template.Expression>();
        while (atOperand()) {
            arguments.add(operand());
        }
        arguments.addAll(piped);
        if (arguments.isEmpty()) {
            return first;
        }
        if (field && shown.equals(".Label") && arguments.size() == 1) {
            return label(arguments.getFirst());
        }
        throw Template.malformed("can't give argument to non-function " + shown);
    }

    /// The method of list rows: one label by its name, empty if there is none.
    private static Template.Expression label(Template.Expression name) {
        return (state, dot) -> {
            Json labels = Template.field(dot, ListRows.LABEL_MAP, ".Label");
            return Json.string(labels.get(name.value(state, dot).literal()).text(""));
        };
    }

    private boolean atOperand() {
        skipSpace();
        return position < source.length()
                && source.charAt(position) != '|'
                && source.charAt(position) != ')';
    }

    private Template.Expression operand() {
        skipSpace();
        if (position == source.length()) {
            throw Template.malformed("missing value for command");
        }
        int start = position;
        char c = source.charAt(position);
        Template.Expression value;
        if (c == '(') {
            position++;
            value = pipeline();
            skipSpace();
            if (position == source.length() || source.charAt(position) != ')') {
                throw Template.malformed("unclosed left paren");
            }
            position++;
        } else if (c == '.') {
            value = (state, dot) -> dot;
            boolean alone = position + 1 == source.length() || !isWord(source.charAt(position + 1));
            if (alone) {
                position++;
                return value;
            }
        } else if (c == '$') {
            position++;
            String name = "$" + identifier();
            value = (state, dot) -> state.variable(name);
        } else if (c == '"' || c == '`') {
            Json text = Json.string(quoted(c));
            return (state, dot) -> text;
        } else if (c == '-' || c == '+' || (c >= '0' && c <= '9')) {
            return number();
        } else {
            return word();
        }
        while (position < source.length() && source.charAt(position) == '.') {
            position++;
            String name = identifier();
            if (name.isEmpty()) {
                throw Template.malformed("unexpected . after term");
            }
            Template.Expression owner = value;
            String shown = source.substring(start, position);
            value = (state, dot) -> Template.field(owner.value(state, dot), name, shown);
        }
        return value;
    }

    private Template.Expression word() {
        String word = identifier();
        if (word.equals("true") || word.equals("false")) {
            Json value = Json.bool(word.equals("true"));
            return (state, dot) -> value;
        }
        if (word.equals("nil")) {
            return (state, dot) -> Json.ABSENT;
        }
        if (word.isEmpty()) {
            throw Template.malformed("unexpected \"" + source.charAt(position) + "\" in operand");
        }
        return TemplateFunctions.call(word, List.of());
    }

    private Template.Expression number() {
        int start = position++;
        while (position < source.length()
                && (isWord(source.charAt(position)) || source.charAt(position) == '.')) {
            position++;
        }
        String text = source.substring(start, position);
        try {
            Json value = Json.number(Long.parseLong(text));
            return (state, dot) -> value;
        } catch (NumberFormatException e) {
            throw Template.malformed("bad number syntax: \"" + text + "\"");
        }
    }

    private String quoted(char quote) {
        var text = new StringBuilder();
        position++;
        while (position < source.length()) {
            char c = source.charAt(position++);
            if (c == quote) {
                return text.toString();
            }
            if (c != '\\' || quote == '`') {
                text.append(c);
                continue;
            }
            char escaped = position < source.length() ? source.charAt(position++) : '\\';
            text.append(
                    switch (escaped) {
                        case 'n' -> '\n';
                        case 't' -> '\t';
                        case 'r' -> '\r';
                        case '\\', '"', '\'' -> escaped;
                        default -> throw Template.malformed("unknown escape \\" + escaped);
                    });
        }
        throw Template.malformed("unterminated quoted string");
    }

    private String identifier() {
        int start = position;
        while (position < source.length() && isWord(source.charAt(position))) {
            position++;
        }
        return source.substring(start, position);
    }

    private static boolean isWord(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private void skipSpace() {
        while (position < source.length() && " \t\r\n".indexOf(source.charAt(position)) >= 0) {
            position++;
        }
    }
}
