package dev.corten.cli.template;

import dev.corten.cli.template.Node.Command;
import dev.corten.cli.template.Node.Operand;
import dev.corten.cli.template.Node.Step;
import dev.corten.cli.template.Operands.Pipeline;
import dev.corten.cli.template.Steps.Ending;
import dev.corten.cli.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes the tree. Follows Go's parser function by function, so that its messages are the same.
final class Parser {
    private final String name;
    private final String text;
    private final Lexer lexer;
    private final ArrayDeque<Token> ahead = new ArrayDeque<>();
    private final Map<String, List<Step>> definitions = new HashMap<>();

    /// The variables in scope.
    private final ArrayList<String> variables = new ArrayList<>(List.of("$"));

    private Token last = new Token(Kind.SPACE, 0, "");
    private int ranges;

    /// @param name of the template, for messages
    Parser(String name, String text) {
        this.name = name;
        this.text = text;
        this.lexer = new Lexer(text);
    }

    /// The steps by the name under which they are defined; those of the text itself under its own.
    Map<String, List<Step>> parse() {
        var steps = new ArrayList<Step>();
        while (!peek().is(Kind.EOF)) {
            if (peek().is(Kind.LEFT_DELIMITER)) {
                Token delimiter = next();
                if (peekNonSpace().isKeyword("define")) {
                    next();
                    define();
                    continue;
                }
                ahead.addFirst(delimiter);
            }
            Step step = textOrAction();
            if (step instanceof Ending) {
                throw failure("unexpected " + step);
            }
            steps.add(step);
        }
        definitions.put(name, steps);
        return definitions;
    }

    /// `{{define "name"}}...{{end}}`
    private void define() {
        String context = "define clause";
        String defined = unquoted(nextNonSpace(), context);
        expect(Kind.RIGHT_DELIMITER, context);
        var outer = new ArrayList<>(variables);
        variables.subList(1, variables.size()).clear();
        var steps = new ArrayList<Step>();
        Ending end = list(steps);
        if (end.isElse()) {
            throw failure("unexpected " + end + " in " + context);
        }
        definitions.put(defined, steps);
        variables.clear();
        variables.addAll(outer);
    }

    private Step textOrAction() {
        Token token = nextNonSpace();
        return switch (token.kind()) {
            case TEXT -> new Steps.Text(token.position(), token.text());
            case LEFT_DELIMITER -> action();
            default -> throw unexpected(token, "input");
        };
    }

    /// What stands between the delimiters.
    private Step action() {
        Token token = nextNonSpace();
        if (token.is(Kind.KEYWORD)) {
            return switch (token.text()) {
                case "block" -> block(token);
                case "break", "continue" -> leaving(token);
                case "else" -> otherwise(token);
                case "end" -> {
                    expect(Kind.RIGHT_DELIMITER, "end");
                    yield new Ending(token.position(), "end");
                }
                case "if", "with" -> condition(token);
                case "range" -> range(token);
                case "template" -> inclusion();
                default -> throw unexpected(token, "command");
            };
        }
        ahead.addFirst(token);
        Token first = peek();
        return new Steps.Action(first.position(), pipeline("command", Kind.RIGHT_DELIMITER));
    }

    private Step leaving(Token token) {
        Token after = nextNonSpace();
        if (!after.is(Kind.RIGHT_DELIMITER)) {
            throw unexpected(after, "{{" + token.text() + "}}");
        }
        if (ranges == 0) {
            throw failure("{{" + token.text() + "}} outside {{range}}");
        }
        return new Steps.Leaving(token.position(), token.text().equals("continue"));
    }

    private Step otherwise(Token token) {
        Token after = peekNonSpace();
        boolean chained = after.isKeyword("if") || after.isKeyword("with");
        if (!chained) {
            expect(Kind.RIGHT_DELIMITER, "else");
        }
        return new Ending(token.position(), "else");
    }

    private Step condition(Token token) {
        String word = token.text();
        int scope = variables.size();
        Pipeline test = pipeline(word, Kind.RIGHT_DELIMITER);
        var then = new ArrayList<Step>();
        List<Step> otherwise = List.of();
        if (list(then).isElse()) {
            Token after = peek();
            if (after.isKeyword(word)) {
                next();
                otherwise = List.of(condition(after));
            } else {
                otherwise = elseBranch();
            }
        }
        forget(scope);
        return new Steps.Condition(token.position(), test, then, otherwise, word.equals("with"));
    }

    private List<Step> elseBranch() {
        var steps = new ArrayList<Step>();
        Ending end = list(steps);
        if (end.isElse()) {
            throw failure("expected end; found " + end);
        }
        return steps;
    }

    private Step range(Token token) {
        int scope = variables.size();
        Pipeline pipeline = pipeline("range", Kind.RIGHT_DELIMITER);
        ranges++;
        var body = new ArrayList<Step>();
        Ending end = list(body);
        ranges--;
        List<Step> otherwise = end.isElse() ? elseBranch() : List.of();
        forget(scope);
        return new Steps.Range(token.position(), pipeline, body, otherwise);
    }

    private void forget(int scope) {
        variables.subList(scope, variables.size()).clear();
    }

    private Step inclusion() {
        Token token = nextNonSpace();
        String included = unquoted(token, "template clause");
        if (nextNonSpace().is(Kind.RIGHT_DELIMITER)) {
            return new Steps.Inclusion(token.position(), included, null);
        }
        ahead.addFirst(last);
        Pipeline argument = pipeline("template clause", Kind.RIGHT_DELIMITER);
        return new Steps.Inclusion(token.position(), included, argument);
    }

    /// A definition and its use in one.
    private Step block(Token token) {
        String context = "block clause";
        String defined = unquoted(nextNonSpace(), context);
        Pipeline argument = pipeline(context, Kind.RIGHT_DELIMITER);
        var outer = new ArrayList<>(variables);
        forget(1);
        var steps = new ArrayList<Step>();
        Ending end = list(steps);
        if (end.isElse()) {
            throw failure("unexpected " + end + " in " + context);
        }
        variables.clear();
        variables.addAll(outer);
        definitions.putIfAbsent(defined, steps);
        return new Steps.Inclusion(token.position(), defined, argument);
    }

    private String unquoted(Token token, String context) {
        if (!token.is(Kind.STRING) && !token.is(Kind.RAW_STRING)) {
            throw unexpected(token, context);
        }
        return unquote(token);
    }

    private String unquote(Token token) {
        try {
            return GoText.unquote(token.text());
        } catch (TemplateFailure e) {
            throw failure(e.message());
        }
    }

    /// Adds steps up to `{{end}}` or `{{else}}`.
    private Ending list(List<Step> steps) {
        while (!peekNonSpace().is(Kind.EOF)) {
            Step step = textOrAction();
            if (step instanceof Ending end) {
                return end;
            }
            steps.add(step);
        }
        throw failure("unexpected EOF");
    }

    private Pipeline pipeline(String context, Kind end) {
        int position = peekNonSpace().position();
        var declared = new ArrayList<String>();
        boolean assigns = declarations(context, declared);
        var commands = new ArrayList<Command>();
        while (true) {
            Token token = nextNonSpace();
            if (token.is(end)) {
                check(commands, context);
                variables.addAll(assigns ? List.of() : declared);
                return new Pipeline(position, declared, assigns, commands);
            }
            switch (token.kind()) {
                case BOOL,
                        CHARACTER_CONSTANT,
                        DOT,
                        FIELD,
                        IDENTIFIER,
                        NUMBER,
                        NIL,
                        RAW_STRING,
                        STRING,
                        VARIABLE,
                        LEFT_PAREN -> {
                    ahead.addFirst(token);
                    commands.add(command());
                }
                default -> throw unexpected(token, context);
            }
        }
    }

    /// `$x :=`, `$x =` or `$i, $x :=`, if there is one.
    ///
    /// @return whether it assigns to what exists
    private boolean declarations(String context, List<String> declared) {
        while (peekNonSpace().is(Kind.VARIABLE)) {
            Token variable = next();
            Token afterVariable = peek();
            Token token = peekNonSpace();
            if (token.is(Kind.ASSIGN) || token.is(Kind.DECLARE)) {
                next();
                declared.add(variable.text());
                if (token.is(Kind.ASSIGN)) {
                    declared.forEach(this::checkDefined);
                }
                return token.is(Kind.ASSIGN);
            }
            boolean comma = token.is(Kind.CHARACTER) && token.text().equals(",");
            if (!comma) {
                if (afterVariable.is(Kind.SPACE)) {
                    ahead.addFirst(afterVariable);
                }
                ahead.addFirst(variable);
                return false;
            }
            next();
            declared.add(variable.text());
            if (!context.equals("range") || declared.size() == 2) {
                throw failure("too many declarations in " + context);
            }
            if (!peekNonSpace().is(Kind.VARIABLE)) {
                throw failure("range can only initialize variables");
            }
        }
        return false;
    }

    private void check(List<Command> commands, String context) {
        if (commands.isEmpty()) {
            throw failure("missing value for " + context);
        }
        for (int i = 1; i < commands.size(); i++) {
            Operand first = commands.get(i).words.getFirst();
            boolean executable =
                    first instanceof Operands.Fields
                            || first instanceof Operands.Function
                            || first instanceof Pipeline;
            if (!executable) {
                throw failure("non executable command in pipeline stage " + (i + 1));
            }
        }
    }

    private Command command() {
        int position = peekNonSpace().position();
        var words = new ArrayList<Operand>();
        while (true) {
            peekNonSpace();
            Operand operand = operand();
            if (operand != null) {
                words.add(operand);
            }
            Token token = next();
            if (token.is(Kind.SPACE)) {
                continue;
            }
            if (token.is(Kind.RIGHT_DELIMITER) || token.is(Kind.RIGHT_PAREN)) {
                ahead.addFirst(token);
            } else if (!token.is(Kind.PIPE)) {
                throw unexpected(token, "operand");
            }
            break;
        }
        if (words.isEmpty()) {
            throw failure("empty command");
        }
        return new Command(position, words);
    }

    /// A term with the fields below it.
    private @Nullable Operand operand() {
        Operand term = term();
        if (term == null || !peek().is(Kind.FIELD)) {
            return term;
        }
        int position = peek().position();
        var names = new ArrayList<String>();
        while (peek().is(Kind.FIELD)) {
            names.add(next().text().substring(1));
        }
        if (term instanceof Operands.Fields fields && !fields.isChain()) {
            return fields.below(position, names);
        }
        if (term instanceof Pipeline || term instanceof Operands.Function) {
            return Operands.Fields.of(position, term, names);
        }
        throw failure("unexpected . after term " + GoText.quote(term.toString()));
    }

    private @Nullable Operand term() {
        Token token = nextNonSpace();
        int at = token.position();
        return switch (token.kind()) {
            case IDENTIFIER -> function(token);
            case DOT -> new Operands.Dot(at);
            case NIL -> new Operands.Nil(at);
            case VARIABLE -> {
                checkDefined(token.text());
                yield Operands.Fields.ofVariable(at, token.text(), List.of());
            }
            case FIELD -> Operands.Fields.ofDot(at, List.of(token.text().substring(1)));
            case BOOL ->
                    new Operands.Constant(
                            at, Value.bool(token.text().equals("true")), token.text());
            case NUMBER, CHARACTER_CONSTANT ->
                    new Operands.Constant(at, number(token), token.text());
            case STRING, RAW_STRING ->
                    new Operands.Constant(at, Value.text(unquote(token)), token.text());
            case LEFT_PAREN -> pipeline("parenthesized pipeline", Kind.RIGHT_PAREN);
            default -> {
                ahead.addFirst(token);
                yield null;
            }
        };
    }

    private Operand function(Token token) {
        if (!Functions.has(token.text())) {
            throw failure("function " + GoText.quote(token.text()) + " not defined");
        }
        return new Operands.Function(token.position(), token.text());
    }

    private Value number(Token token) {
        Value value = Numbers.parse(token);
        if (value == null) {
            throw failure("bad number syntax: " + GoText.quote(token.text()));
        }
        return value;
    }

    private void checkDefined(String variable) {
        if (!variables.contains(variable)) {
            throw failure("undefined variable " + GoText.quote(variable));
        }
    }

    private Token next() {
        Token token = ahead.isEmpty() ? lexer.next() : ahead.removeFirst();
        last = token;
        return token;
    }

    private Token peek() {
        if (ahead.isEmpty()) {
            ahead.addFirst(lexer.next());
        }
        return ahead.getFirst();
    }

    private Token nextNonSpace() {
        Token token = next();
        while (token.is(Kind.SPACE)) {
            token = next();
        }
        return token;
    }

    private Token peekNonSpace() {
        Token token = nextNonSpace();
        ahead.addFirst(token);
        return token;
    }

    private void expect(Kind kind, String context) {
        Token token = nextNonSpace();
        if (!token.is(kind)) {
            throw unexpected(token, context);
        }
    }

    private TemplateFailure unexpected(Token token, String context) {
        return failure(
                token.is(Kind.ERROR) ? token.toString() : "unexpected " + token + " in " + context);
    }

    private TemplateFailure failure(String message) {
        int line = 1;
        int at = Math.min(last.position(), text.length());
        for (int i = 0; i < at; i++) {
            line += text.charAt(i) == '\n' ? 1 : 0;
        }
        return new TemplateFailure("template: " + name + ":" + line + ": " + message);
    }
}
