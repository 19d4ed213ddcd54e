package dev.corten.cli.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A part of a template's tree. Its text is what Go's messages show for it.
abstract class Node {
    /// In the template's text, for messages.
    final int position;

    Node(int position) {
        this.position = position;
    }

    /// A part that writes.
    abstract static class Step extends Node {
        Step(int position) {
            super(position);
        }

        abstract void run(Execution execution, Value dot);
    }

    /// A part of a command: has a value, and may be given arguments if it is a function or a field.
    abstract static class Operand extends Node {
        Operand(int position) {
            super(position);
        }

        /// Its value as an argument.
        abstract Value value(Execution execution, Value dot);

        /// Its value as the first word of a command.
        ///
        /// @param command with its arguments
        /// @param piped the value of the command before in the pipeline, or null
        Value call(Execution execution, Value dot, Command command, @Nullable Value piped) {
            execution.at(this);
            takesNothing(execution, command, piped);
            return value(execution, dot);
        }

        /// Its text where it stands among others.
        String shownInside() {
            return toString();
        }

        /// @throws TemplateFailure if there are arguments
        final void takesNothing(Execution execution, Command command, @Nullable Value piped) {
            if (!command.arguments().isEmpty() || piped != null) {
                throw execution.failure("can't give argument to non-function " + this);
            }
        }
    }

    /// An operand with its arguments: the first word is called with the others.
    static final class Command extends Node {
        final List<Operand> words;

        Command(int position, List<Operand> words) {
            super(position);
            this.words = words;
        }

        Value value(Execution execution, Value dot, @Nullable Value piped) {
            return words.getFirst().call(execution, dot, this, piped);
        }

        List<Operand> arguments() {
            return words.subList(1, words.size());
        }

        @Override
        public String toString() {
            var text = new StringBuilder();
            for (Operand word : words) {
                text.append(text.isEmpty() ? "" : " ");
                text.append(word.shownInside());
            }
            return text.toString();
        }
    }
}
