package dev.corten.cli.template;

import dev.corten.cli.template.Node.Step;
import dev.corten.cli.template.Operands.Pipeline;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The kinds of [Step].
final class Steps {
    private Steps() {}

    static final class Text extends Step {
        private final String text;

        Text(int position, String text) {
            super(position);
            this.text = text;
        }

        @Override
        void run(Execution execution, Value dot) {
            execution.write(text);
        }
    }

    /// `{{pipeline}}`: prints, unless the value goes to a variable.
    static final class Action extends Step {
        private final Pipeline pipeline;

        Action(int position, Pipeline pipeline) {
            super(position);
            this.pipeline = pipeline;
        }

        @Override
        void run(Execution execution, Value dot) {
            Value value = pipeline.value(execution, dot);
            if (pipeline.variables.isEmpty()) {
                execution.write(value.print());
            }
        }
    }

    /// `{{if}}` and `{{with}}`.
    static final class Condition extends Step {
        private final Pipeline test;
        private final List<Step> then;
        private final List<Step> otherwise;
        private final boolean with;

        /// @param with whether the value becomes the dot
        Condition(
                int position, Pipeline test, List<Step> then, List<Step> otherwise, boolean with) {
            super(position);
            this.test = test;
            this.then = then;
            this.otherwise = otherwise;
            this.with = with;
        }

        @Override
        void run(Execution execution, Value dot) {
            int mark = execution.mark();
            Value value = test.value(execution, dot);
            if (value.isTrue()) {
                execution.runAll(then, with ? value : dot);
            } else {
                execution.runAll(otherwise, dot);
            }
            execution.forget(mark);
        }
    }

    static final class Range extends Step {
        private final Pipeline pipeline;
        private final List<Step> body;
        private final List<Step> otherwise;

        Range(int position, Pipeline pipeline, List<Step> body, List<Step> otherwise) {
            super(position);
            this.pipeline = pipeline;
            this.body = body;
            this.otherwise = otherwise;
        }

        @Override
        void run(Execution execution, Value dot) {
            execution.at(pipeline);
            int mark = execution.mark();
            Value value = pipeline.undeclared(execution, dot);
            execution.at(pipeline);
            boolean any;
            switch (value.kind()) {
                case LIST -> any = list(execution, value);
                case MAP -> any = map(execution, value);
                case INT -> any = count(execution, value.integer());
                default -> {
                    if (!value.isNil()) {
                        throw execution.failure("range can't iterate over " + value.print());
                    }
                    any = false;
                }
            }
            if (!any) {
                execution.runAll(otherwise, dot);
            }
            execution.forget(mark);
        }

        private boolean list(Execution execution, Value list) {
            for (int i = 0; i < list.size(); i++) {
                if (!once(execution, Value.integer(i), list.item(i))) {
                    break;
                }
            }
            return list.size() > 0;
        }

        private boolean map(Execution execution, Value map) {
            for (String key : map.keys()) {
                Value member = map.member(key);
                if (member != null && !once(execution, Value.text(key), member)) {
                    break;
                }
            }
            return map.size() > 0;
        }

        private boolean count(Execution execution, long end) {
            for (long i = 0; i < end; i++) {
                Value number = Value.integer(i);
                if (!once(execution, number, number)) {
                    break;
                }
            }
            return end > 0;
        }

        /// @return whether to go on
        private boolean once(Execution execution, Value index, Value element) {
            int mark = execution.mark();
            List<String> names = pipeline.variables;
            if (!names.isEmpty()) {
                Value first = names.size() == 1 ? element : index;
                set(execution, names.getFirst(), first);
                if (names.size() == 2) {
                    set(execution, names.getLast(), element);
                }
            }
            try {
                execution.runAll(body, element);
            } catch (Leave leave) {
                return leave.goesOn;
            } finally {
                execution.forget(mark);
            }
            return true;
        }

        private void set(Execution execution, String name, Value value) {
            if (pipeline.assigns) {
                execution.assign(name, value);
            } else {
                execution.declare(name, value);
            }
        }
    }

    /// `{{break}}` and `{{continue}}`.
    static final class Leaving extends Step {
        private final Leave leave;

        Leaving(int position, boolean goesOn) {
            super(position);
            leave = new Leave(goesOn);
        }

        @Override
        void run(Execution execution, Value dot) {
            throw leave;
        }
    }

    /// Leaves the body of a range.
    private static final class Leave extends RuntimeException {
        private static final long serialVersionUID = 1L;

        final boolean goesOn;

        Leave(boolean goesOn) {
            super("left", null, false, false);
            this.goesOn = goesOn;
        }
    }

    /// `{{template "name" pipeline}}`, and the place where a `{{block}}` stands.
    static final class Inclusion extends Step {
        private final String name;
        private final @Nullable Pipeline argument;

        Inclusion(int position, String name, @Nullable Pipeline argument) {
            super(position);
            this.name = name;
            this.argument = argument;
        }

        @Override
        void run(Execution execution, Value dot) {
            execution.at(this);
            execution.include(name, argument == null ? Value.NONE : argument.value(execution, dot));
        }

        @Override
        public String toString() {
            String given = argument == null ? "" : " " + argument;
            return "{{template " + GoText.quote(name) + given + "}}";
        }
    }

    /// `{{else}}` and `{{end}}`: only while parsing, where they end a list of steps.
    static final class Ending extends Step {
        private final String word;

        Ending(int position, String word) {
            super(position);
            this.word = word;
        }

        boolean isElse() {
            return word.equals("else");
        }

        @Override
        void run(Execution execution, Value dot) {
            throw new IllegalStateException("{{" + word + "}} in a tree");
        }

        @Override
        public String toString() {
            return "{{" + word + "}}";
        }
    }
}
