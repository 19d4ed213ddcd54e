package dev.corten.cli;

import dev.corten.client.Json;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A template of `--format`: Go's text/template as far as Docker's documentation uses it.
///
/// Text, fields, variables, pipelines with parentheses, `if`, `range`, `with`, comments, trim
/// markers, and the functions of [TemplateFunctions]. Anything else is refused when parsed.
final class Template {
    /// Where the steps of a template write to, and what they look at.
    static final class State {
        final StringBuilder out = new StringBuilder();
        final Json root;
        final ArrayDeque<Map.Entry<String, Json>> variables = new ArrayDeque<>();

        State(Json root) {
            this.root = root;
        }

        Json variable(String name) {
            if (name.equals("$")) {
                return root;
            }
            for (var variable : variables) {
                if (variable.getKey().equals(name)) {
                    return variable.getValue();
                }
            }
            throw new Failure("failed to execute template: undefined variable " + name);
        }
    }

    /// A part that writes.
    interface Step {
        void run(State state, Json dot);
    }

    /// A part that gives a value.
    interface Expression {
        Json value(State state, Json dot);
    }

    private final List<Step> steps;

    private Template(List<Step> steps) {
        this.steps = steps;
    }

    /// @throws Failure that says what is wrong
    static Template parse(String text) {
        var parser = new Parser(text);
        List<Step> steps = parser.steps(false);
        return new Template(steps);
    }

    /// @throws Failure for fields that are not there
    String apply(Json data) {
        var state = new State(data);
        runAll(steps, state, data);
        return state.out.toString();
    }

    private static void runAll(List<Step> steps, State state, Json dot) {
        for (Step step : steps) {
            step.run(state, dot);
        }
    }

    /// Like [#runAll], in a scope of its own for variables.
    private static void runBlock(List<Step> steps, State state, Json dot) {
        int depth = state.variables.size();
        runAll(steps, state, dot);
        while (state.variables.size() > depth) {
            state.variables.pop();
        }
    }

    private static final class Parser {
        private final String text;
        private int position;

        /// The word that ended the last block: `end`, or `else` with what follows it.
        private String ender = "";

        Parser(String text) {
            this.text = text;
        }

        /// Steps up to the end of the text or, inside a block, to its `else` or `end`.
        List<Step> steps(boolean inBlock) {
            var steps = new ArrayList<Step>();
            boolean trimNext = false;
            while (true) {
                int open = text.indexOf("{{", position);
                String plain = text.substring(position, open < 0 ? text.length() : open);
                plain = trimNext ? plain.stripLeading() : plain;
                if (open < 0) {
                    if (inBlock) {
                        throw malformed("unexpected EOF");
                    }
                    addText(steps, plain);
                    position = text.length();
                    return steps;
                }
                int close = closing(open);
                String action = text.substring(open + 2, close);
                position = close + 2;
                if (action.startsWith("- ") || action.equals("-")) {
                    plain = plain.stripTrailing();
                    action = action.substring(1);
                }
                trimNext = action.endsWith(" -");
                if (trimNext) {
                    action = action.substring(0, action.length() - 2);
                }
                addText(steps, plain);
                action = action.strip();
                if (trimNext) {
                    skipSpace();
                    trimNext = false;
                }
                if (action.startsWith("/*")) {
                    continue;
                }
                if (action.equals("end") || action.equals("else") || action.startsWith("else ")) {
                    if (!inBlock) {
                        throw malformed("unexpected {{" + action + "}}");
                    }
                    ender = action;
                    return steps;
                }
                steps.add(step(action));
            }
        }

        private void skipSpace() {
            while (position < text.length() && " \t\r\n".indexOf(text.charAt(position)) >= 0) {
                position++;
            }
        }

        private static void addText(List<Step> steps, String plain) {
            if (!plain.isEmpty()) {
                steps.add((state, dot) -> state.out.append(plain));
            }
        }

        /// Where the action that opens here closes; quoted braces do not count.
        private int closing(int open) {
            if (text.startsWith("/*", open + 2) || text.startsWith("- /*", open + 2)) {
                int end = text.indexOf("*/", open);
                int close = end < 0 ? -1 : text.indexOf("}}", end);
                if (close < 0) {
                    throw malformed("unclosed comment");
                }
                return close;
            }
            char quote = 0;
            for (int i = open + 2; i < text.length(); i++) {
                char c = text.charAt(i);
                if (quote != 0) {
                    if (c == '\\' && quote == '"') {
                        i++;
                    } else if (c == quote) {
                        quote = 0;
                    }
                } else if (c == '"' || c == '`' || c == '\'') {
                    quote = c;
                } else if (c == '}' && text.startsWith("}}", i)) {
                    return i;
                }
            }
            throw malformed("unclosed action");
        }

        private Step step(String action) {
            if (startsWithWord(action, "if")) {
                return condition(action.substring(2), false);
            }
            if (startsWithWord(action, "with")) {
                return condition(action.substring(4), true);
            }
            if (startsWithWord(action, "range")) {
                return range(action.substring(5).strip());
            }
            String unknown = unsupported(action);
            if (!unknown.isEmpty()) {
                throw malformed("{{" + unknown + "}} is not supported");
            }
            return output(action);
        }

        private static String unsupported(String action) {
            for (String word : List.of("template", "define", "block", "break", "continue")) {
                if (startsWithWord(action, word)) {
                    return word;
                }
            }
            return "";
        }

        private static boolean startsWithWord(String action, String word) {
            return action.startsWith(word)
                    && (action.length() == word.length()
                            || " \t(".indexOf(action.charAt(word.length())) >= 0);
        }

        /// `$x := pipeline`, `$x = pipeline` or a pipeline that is printed.
        private Step output(String action) {
            int assign = action.startsWith("$") ? assignment(action) : -1;
            if (assign < 0) {
                Expression value = expression(action);
                return (state, dot) ->
                        state.out.append(TemplateFunctions.print(value.value(state, dot)));
            }
            String name = action.substring(0, assign).strip();
            if (name.endsWith(":")) {
                name = name.substring(0, name.length() - 1).strip();
            }
            String variable = name;
            Expression value = expression(action.substring(assign + 1));
            return (state, dot) ->
                    state.variables.push(Map.entry(variable, value.value(state, dot)));
        }

        private static int assignment(String action) {
            int equals = action.indexOf('=');
            int quote = action.indexOf('"');
            return equals > 0 && (quote < 0 || equals < quote) ? equals : -1;
        }

        private Step condition(String test, boolean with) {
            Expression tested = expression(test);
            List<Step> then = steps(true);
            List<Step> otherwise = otherwise(with ? "with" : "if", with);
            return (state, dot) -> {
                Json value = tested.value(state, dot);
                if (TemplateFunctions.isTrue(value)) {
                    runBlock(then, state, with ? value : dot);
                } else {
                    runBlock(otherwise, state, dot);
                }
            };
        }

        /// What follows `else`; `else if` opens a block that shares our `end`.
        private List<Step> otherwise(String word, boolean with) {
            if (ender.equals("end")) {
                return List.of();
            }
            String rest = ender.substring(4).strip();
            if (rest.isEmpty()) {
                List<Step> steps = steps(true);
                if (!ender.equals("end")) {
                    throw malformed("expected end; found {{else}}");
                }
                return steps;
            }
            if (!startsWithWord(rest, word)) {
                throw malformed("unexpected {{else " + rest + "}}");
            }
            return List.of(condition(rest.substring(word.length()), with));
        }

        private Step range(String clause) {
            String first = "";
            String second = "";
            String pipeline = clause;
            int assign = clause.startsWith("$") ? clause.indexOf(":=") : -1;
            if (assign >= 0) {
                String names = clause.substring(0, assign);
                int comma = names.indexOf(',');
                first = comma < 0 ? "" : names.substring(0, comma).strip();
                second = names.substring(comma + 1).strip();
                pipeline = clause.substring(assign + 2);
            }
            Expression list = expression(pipeline);
            List<Step> body = steps(true);
            List<Step> otherwise = otherwise("range", false);
            String key = first;
            String item = second;
            return (state, dot) -> {
                Json value = list.value(state, dot);
                if (!TemplateFunctions.isTrue(value)) {
                    runBlock(otherwise, state, dot);
                    return;
                }
                if (value.kind() == Json.Kind.OBJECT) {
                    var names = new ArrayList<>(value.members().keySet());
                    names.sort(null);
                    for (String name : names) {
                        each(state, body, key, Json.string(name), item, value.get(name));
                    }
                } else if (value.kind() == Json.Kind.ARRAY) {
                    int index = 0;
                    for (Json element : value.items()) {
                        each(state, body, key, Json.number(index++), item, element);
                    }
                } else {
                    throw new Failure(
                            "failed to execute template: range can't iterate over "
                                    + TemplateFunctions.print(value));
                }
            };
        }

        private static void each(
                State state, List<Step> body, String key, Json index, String item, Json value) {
            int depth = state.variables.size();
            if (!key.isEmpty()) {
                state.variables.push(Map.entry(key, index));
            }
            if (!item.isEmpty()) {
                state.variables.push(Map.entry(item, value));
            }
            runAll(body, state, value);
            while (state.variables.size() > depth) {
                state.variables.pop();
            }
        }

        private Expression expression(String source) {
            var pipeline = new TemplateExpression(source);
            return pipeline.parse();
        }
    }

    static Failure malformed(String reason) {
        return new Failure("failed to parse template: template: :1: " + reason);
    }

    /// A field of an object, as `.Name` asks for it.
    static Json field(Json of, String name, String shown) {
        @Nullable Json member = of.members().get(name);
        if (member != null) {
            return member;
        }
        if (of.kind() == Json.Kind.OBJECT) {
            throw new Failure(
                    "failed to execute template: template: :1: executing \"\" at <"
                            + shown
                            + ">: map has no entry for key \""
                            + name
                            + "\"");
        }
        if (of.isNothing()) {
            throw new Failure(
                    "failed to execute template: template: :1: executing \"\" at <"
                            + shown
                            + ">: nil pointer evaluating "
                            + name);
        }
        throw new Failure(
                "failed to execute template: template: :1: executing \"\" at <"
                        + shown
                        + ">: can't evaluate field "
                        + name);
    }
}
