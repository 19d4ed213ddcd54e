package dev.corten.cli.template;

import dev.corten.cli.template.Node.Command;
import dev.corten.cli.template.Node.Operand;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The call of a function: checks the number and the types of its arguments as Go does.
final class Call {
    private final Execution execution;
    private final String name;
    private final Command command;
    private final Functions.Signature signature;

    Call(Execution execution, String name, Command command) {
        this.execution = execution;
        this.name = name;
        this.command = command;
        this.signature = Functions.signature(name, execution.titles());
    }

    Value value(Value dot, @Nullable Value piped) {
        List<Operand> given = command.arguments();
        int count = given.size() + (piped == null ? 0 : 1);
        int fixed = signature.types().length();
        if (signature.many() ? count < fixed : count != fixed) {
            throw execution.failure(
                    "wrong number of args for "
                            + name
                            + (signature.many() ? ": want at least " : ": want ")
                            + fixed
                            + " got "
                            + count);
        }
        if (name.equals("and") || name.equals("or")) {
            return lazy(dot, given, piped);
        }
        var values = new ArrayList<Value>(count);
        for (int i = 0; i < given.size(); i++) {
            Operand operand = given.get(i);
            values.add(checked(operand, operand.value(execution, dot), signature.type(i)));
        }
        if (piped != null) {
            execution.at(command.words.getFirst());
            values.add(validated(piped, signature.type(given.size())));
        }
        execution.at(command);
        try {
            return Functions.apply(name, values, execution.titles());
        } catch (FunctionFailure e) {
            throw execution.failure("error calling " + name + ": " + e.message());
        }
    }

    /// Stops at the first argument that decides.
    private Value lazy(Value dot, List<Operand> given, @Nullable Value piped) {
        Value value = Value.NONE;
        for (Operand operand : given) {
            value = operand.value(execution, dot);
            if (value.isTrue() != name.equals("and")) {
                return value;
            }
        }
        return piped == null ? value : piped;
    }

    private Value checked(Operand operand, Value value, char type) {
        execution.at(operand);
        if (operand instanceof Operands.Constant && !fits(value, type)) {
            throw execution.failure("expected " + typeName(type) + "; found " + operand);
        }
        return validated(value, type);
    }

    private Value validated(Value value, char type) {
        if (fits(value, type)) {
            return value;
        }
        String got = value.isNil() ? "" : value.typeName();
        throw execution.failure(
                got.isEmpty()
                        ? "invalid value; expected " + typeName(type)
                        : "wrong type for value; expected " + typeName(type) + "; got " + got);
    }

    private static boolean fits(Value value, char type) {
        Shape.Kind kind = value.kind();
        return switch (type) {
            case Functions.TEXT -> kind == Shape.Kind.STRING;
            case Functions.INTEGER -> kind == Shape.Kind.INT;
            case Functions.TEXTS -> kind == Shape.Kind.LIST && isTexts(value);
            default -> true;
        };
    }

    private static boolean isTexts(Value list) {
        if (list.shape().kind() == Shape.Kind.LIST) {
            return list.shape().element().kind() == Shape.Kind.STRING;
        }
        for (int i = 0; i < list.size(); i++) {
            if (list.item(i).kind() != Shape.Kind.STRING) {
                return false;
            }
        }
        return true;
    }

    private static String typeName(char type) {
        return switch (type) {
            case Functions.TEXT -> "string";
            case Functions.INTEGER -> "int";
            default -> "[]string";
        };
    }
}
