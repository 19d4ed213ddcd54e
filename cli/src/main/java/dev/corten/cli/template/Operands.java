package dev.corten.cli.template;

import dev.corten.cli.template.Node.Command;
import dev.corten.cli.template.Node.Operand;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The kinds of [Operand].
final class Operands {
    private Operands() {}

    /// `.`
    static final class Dot extends Operand {
        Dot(int position) {
            super(position);
        }

        @Override
        Value value(Execution execution, Value dot) {
            return dot;
        }

        @Override
        public String toString() {
            return ".";
        }
    }

    /// `nil`, which is an argument only.
    static final class Nil extends Operand {
        Nil(int position) {
            super(position);
        }

        @Override
        Value value(Execution execution, Value dot) {
            return Value.NONE;
        }

        @Override
        Value call(Execution execution, Value dot, Command command, @Nullable Value piped) {
            execution.at(this);
            takesNothing(execution, command, piped);
            throw execution.failure("nil is not a command");
        }

        @Override
        public String toString() {
            return "nil";
        }
    }

    /// A text, number or truth value.
    static final class Constant extends Operand {
        private final Value value;
        private final String shown;

        Constant(int position, Value value, String shown) {
            super(position);
            this.value = value;
            this.shown = shown;
        }

        @Override
        Value value(Execution execution, Value dot) {
            return value;
        }

        @Override
        public String toString() {
            return shown;
        }
    }

    /// `.A.B` of the dot, `$x.A` of a variable, `(pipeline).A`: names below something.
    static final class Fields extends Operand {
        private final @Nullable Operand owner;
        private final String variable;
        private final List<String> names;
        private final Command alone = new Command(position, List.of(this));

        private Fields(int position, @Nullable Operand owner, String variable, List<String> names) {
            super(position);
            this.owner = owner;
            this.variable = variable;
            this.names = names;
        }

        static Fields ofDot(int position, List<String> names) {
            return new Fields(position, null, "", names);
        }

        /// @param names below the variable; may be empty
        static Fields ofVariable(int position, String variable, List<String> names) {
            return new Fields(position, null, variable, names);
        }

        static Fields of(int position, Operand owner, List<String> names) {
            return new Fields(position, owner, "", names);
        }

        /// With more names below it.
        Fields below(int position, List<String> more) {
            var all = new ArrayList<>(names);
            all.addAll(more);
            return new Fields(position, owner, variable, all);
        }

        boolean isChain() {
            return owner != null;
        }

        @Override
        Value value(Execution execution, Value dot) {
            return call(execution, dot, alone, null);
        }

        @Override
        Value call(Execution execution, Value dot, Command command, @Nullable Value piped) {
            execution.at(this);
            Value value = dot;
            if (owner != null) {
                value = owner.value(execution, dot);
                execution.at(this);
            } else if (!variable.isEmpty()) {
                value = execution.variable(variable);
                if (names.isEmpty()) {
                    takesNothing(execution, command, piped);
                    return value;
                }
            }
            for (int i = 0; i < names.size() - 1; i++) {
                value = execution.field(value, names.get(i), List.of());
            }
            var values = new ArrayList<Value>();
            for (Operand argument : command.arguments()) {
                values.add(argument.value(execution, dot));
            }
            execution.at(this);
            if (piped != null) {
                values.add(piped);
            }
            return execution.field(value, names.getLast(), values);
        }

        @Override
        public String toString() {
            var text = new StringBuilder(variable);
            if (owner != null) {
                text.append(owner.shownInside());
            }
            for (String name : names) {
                text.append('.').append(name);
            }
            return text.toString();
        }
    }

    /// The name of a function.
    static final class Function extends Operand {
        private final String name;
        private final Command alone = new Command(position, List.of(this));

        Function(int position, String name) {
            super(position);
            this.name = name;
        }

        @Override
        Value value(Execution execution, Value dot) {
            return call(execution, dot, alone, null);
        }

        @Override
        Value call(Execution execution, Value dot, Command command, @Nullable Value piped) {
            execution.at(this);
            return new Call(execution, name, command).value(dot, piped);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /// Commands of which each hands its value to the next, with names for the last one's.
    static final class Pipeline extends Operand {
        final List<String> variables;
        final boolean assigns;
        final List<Command> commands;

        /// @param assigns whether the variables exist already
        Pipeline(int position, List<String> variables, boolean assigns, List<Command> commands) {
            super(position);
            this.variables = variables;
            this.assigns = assigns;
            this.commands = commands;
        }

        @Override
        Value value(Execution execution, Value dot) {
            execution.at(this);
            Value value = undeclared(execution, dot);
            for (String variable : variables) {
                if (assigns) {
                    execution.assign(variable, value);
                } else {
                    execution.declare(variable, value);
                }
            }
            return value;
        }

        /// The value, without giving it to the variables.
        Value undeclared(Execution execution, Value dot) {
            Value value = null;
            for (Command command : commands) {
                value = command.value(execution, dot, value);
            }
            return value == null ? Value.NONE : value;
        }

        @Override
        String shownInside() {
            return "(" + this + ")";
        }

        @Override
        public String toString() {
            var text = new StringBuilder(String.join(", ", variables));
            if (!variables.isEmpty()) {
                text.append(assigns ? " = " : " := ");
            }
            for (int i = 0; i < commands.size(); i++) {
                text.append(i == 0 ? "" : " | ").append(commands.get(i));
            }
            return text.toString();
        }
    }
}
