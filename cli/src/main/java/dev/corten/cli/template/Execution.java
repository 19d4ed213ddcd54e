package dev.corten.cli.template;

import dev.corten.cli.template.Node.Step;
import dev.corten.model.RawText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One walk over a template's tree.
final class Execution {
    /// More would be a template that includes itself without end.
    private static final int DEPTH_MAX = 1000;

    private record Variable(String name, Value value) {}

    private final String name;
    private final String text;
    private final Map<String, List<Step>> definitions;
    private final boolean strict;
    private final boolean titles;
    private final StringBuilder out = new StringBuilder();
    private ArrayList<Variable> variables = new ArrayList<>();
    private String current;
    private int depth;
    private @Nullable Node node;

    /// @param strict whether a map's missing name is an error
    /// @param titles whether functions keep texts as they are, for a table's titles
    Execution(
            String name,
            String text,
            Map<String, List<Step>> definitions,
            boolean strict,
            boolean titles) {
        this.name = name;
        this.text = text;
        this.definitions = definitions;
        this.strict = strict;
        this.titles = titles;
        this.current = name;
    }

    String run(Value data) {
        variables.add(new Variable("$", data));
        runAll(definitions.getOrDefault(name, List.of()), data);
        return out.toString();
    }

    boolean titles() {
        return titles;
    }

    void write(String more) {
        out.append(more);
    }

    void runAll(List<Step> steps, Value dot) {
        for (Step step : steps) {
            step.run(this, dot);
        }
    }

    void include(String included, Value data) {
        List<Step> steps = definitions.get(included);
        if (steps == null) {
            throw failure("template " + GoText.quote(included) + " not defined");
        }
        if (depth == DEPTH_MAX) {
            throw failure("exceeded maximum template depth (" + DEPTH_MAX + ")");
        }
        depth++;
        ArrayList<Variable> outer = variables;
        String including = current;
        variables = new ArrayList<>(List.of(new Variable("$", data)));
        current = included;
        runAll(steps, data);
        current = including;
        variables = outer;
        depth--;
    }

    int mark() {
        return variables.size();
    }

    /// Ends the scope that began at [mark].
    void forget(int mark) {
        variables.subList(mark, variables.size()).clear();
    }

    void declare(String variable, Value value) {
        variables.add(new Variable(variable, value));
    }

    void assign(String variable, Value value) {
        variables.set(find(variable), new Variable(variable, value));
    }

    Value variable(String variable) {
        return variables.get(find(variable)).value;
    }

    private int find(String variable) {
        for (int i = variables.size() - 1; i >= 0; i--) {
            if (variables.get(i).name.equals(variable)) {
                return i;
            }
        }
        throw failure("undefined variable: " + variable);
    }

    /// A field, a map's member or a method's answer.
    Value field(Value owner, String field, List<Value> arguments) {
        if (owner.json().isNothing() && owner.shape().kind() == Shape.Kind.ANY) {
            if (strict) {
                throw failure("nil data; no entry for key " + GoText.quote(field));
            }
            return Value.NONE;
        }
        if (owner.kind() == Shape.Kind.STRUCT) {
            if (owner.isNil()) {
                throw failure("nil pointer evaluating " + owner.typeName() + "." + field);
            }
            Value found = owner.field(field);
            if (found == null) {
                throw noField(owner, field);
            }
            return found.kind() == Shape.Kind.METHOD
                    ? method(found, field, arguments)
                    : plain(owner, found, field, arguments);
        }
        if (owner.kind() == Shape.Kind.MAP) {
            if (!arguments.isEmpty()) {
                throw failure(field + " is not a method but has arguments");
            }
            Value found = owner.member(field);
            if (found == null && strict) {
                throw failure("map has no entry for key " + GoText.quote(field));
            }
            return found == null ? Value.NONE : found;
        }
        throw noField(owner, field);
    }

    private Value plain(Value owner, Value found, String field, List<Value> arguments) {
        if (arguments.isEmpty()) {
            return found;
        }
        // The fields of a list's rows are methods.
        throw failure(
                owner.shape().isPointer()
                        ? wrongNumber(field, 0, arguments.size())
                        : field + " has arguments but cannot be invoked as function");
    }

    private Value method(Value method, String field, List<Value> arguments) {
        if (arguments.size() != 1) {
            throw failure(wrongNumber(field, 1, arguments.size()));
        }
        String key = arguments.getFirst().string();
        if (titles) {
            // The title of a label's column is the last part of its name.
            return Value.text(labelTitle(key));
        }
        return Value.text(method.json().get(key).text(""));
    }

    private static String labelTitle(String label) {
        String name = label.substring(label.lastIndexOf('.') + 1);
        return name.replace('-', ' ').replace('_', ' ');
    }

    private static String wrongNumber(String field, int want, int got) {
        return "wrong number of args for " + field + ": want " + want + " got " + got;
    }

    private TemplateFailure noField(Value owner, String field) {
        String type = strict && owner.kind() != Shape.Kind.STRUCT ? "interface {}" : "";
        return failure(
                "can't evaluate field "
                        + field
                        + " in type "
                        + (type.isEmpty() ? owner.typeName() : type));
    }

    /// Says where failures are.
    void at(Node place) {
        node = place;
    }

    /// A failure at the place last said, as Go words it.
    TemplateFailure failure(String message) {
        Node place = node;
        if (place == null) {
            return new TemplateFailure("template: " + name + ": " + message);
        }
        int lineStart = text.lastIndexOf('\n', place.position - 1) + 1;
        int line = 1;
        for (int i = 0; i < lineStart; i++) {
            line += text.charAt(i) == '\n' ? 1 : 0;
        }
        int column = RawText.encode(text.substring(lineStart, place.position)).length;
        return new TemplateFailure(
                "template: "
                        + name
                        + ":"
                        + line
                        + ":"
                        + column
                        + ": executing "
                        + GoText.quote(current)
                        + " at <"
                        + place
                        + ">: "
                        + message);
    }
}
