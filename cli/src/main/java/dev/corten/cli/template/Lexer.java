package dev.corten.cli.template;

import dev.corten.cli.template.Token.Kind;
import java.util.Set;

/// Cuts a template into words.
final class Lexer {
    private static final String LEFT = "{{";
    private static final String RIGHT = "}}";
    private static final String COMMENT_OPEN = "/*";
    private static final String COMMENT_CLOSE = "*/";
    private static final String SPACES = " \t\r\n";

    private static final Set<String> KEYWORDS =
            Set.of(
                    "block",
                    "break",
                    "continue",
                    "define",
                    "else",
                    "end",
                    "if",
                    "range",
                    "template",
                    "with");

    private final String text;
    private int position;
    private int start;
    private int parens;
    private boolean inAction;
    private boolean trimNext;

    Lexer(String text) {
        this.text = text;
    }

    /// The next word; [Kind#EOF] or [Kind#ERROR] is the last.
    Token next() {
        while (true) {
            start = position;
            Token token = inAction ? action() : plain();
            if (token != null) {
                return token;
            }
        }
    }

    /// Text up to the next action, or the action's opening.
    private @org.jspecify.annotations.Nullable Token plain() {
        if (trimNext) {
            trimNext = false;
            while (position < text.length() && SPACES.indexOf(text.charAt(position)) >= 0) {
                position++;
            }
            start = position;
        }
        int open = text.indexOf(LEFT, position);
        if (open < 0) {
            position = text.length();
            return start == position ? token(Kind.EOF) : token(Kind.TEXT);
        }
        int end = open;
        if (isTrimAfter(open + LEFT.length())) {
            while (end > start && SPACES.indexOf(text.charAt(end - 1)) >= 0) {
                end--;
            }
        }
        if (end > start) {
            position = open;
            return new Token(Kind.TEXT, start, text.substring(start, end));
        }
        start = open;
        position = open + LEFT.length();
        int content = position + (isTrimAfter(position) ? 2 : 0);
        if (text.startsWith(COMMENT_OPEN, content)) {
            return comment(content);
        }
        position = content;
        inAction = true;
        parens = 0;
        return new Token(Kind.LEFT_DELIMITER, start, LEFT);
    }

    /// `- ` after the opening delimiter.
    private boolean isTrimAfter(int at) {
        return at + 1 < text.length()
                && text.charAt(at) == '-'
                && SPACES.indexOf(text.charAt(at + 1)) >= 0;
    }

    private @org.jspecify.annotations.Nullable Token comment(int content) {
        int close = text.indexOf(COMMENT_CLOSE, content);
        if (close < 0) {
            return error("unclosed comment");
        }
        int after = close + COMMENT_CLOSE.length();
        int delimiter = rightDelimiter(after);
        if (delimiter < 0) {
            return error("comment ends before closing delimiter");
        }
        position = delimiter;
        return null;
    }

    /// Where the text goes on after a closing delimiter at [at]; -1 if there is none.
    private int rightDelimiter(int at) {
        boolean trim =
                at + 1 < text.length()
                        && SPACES.indexOf(text.charAt(at)) >= 0
                        && text.startsWith("-" + RIGHT, at + 1);
        if (trim) {
            trimNext = true;
            return at + 2 + RIGHT.length();
        }
        return text.startsWith(RIGHT, at) ? at + RIGHT.length() : -1;
    }

    private Token action() {
        int delimiter = rightDelimiter(position);
        if (delimiter >= 0) {
            if (parens > 0) {
                return error("unclosed left paren");
            }
            inAction = false;
            position = delimiter;
            return new Token(Kind.RIGHT_DELIMITER, start, RIGHT);
        }
        if (position == text.length()) {
            return error("unclosed action");
        }
        char c = text.charAt(position++);
        if (SPACES.indexOf(c) >= 0) {
            while (position < text.length()
                    && SPACES.indexOf(text.charAt(position)) >= 0
                    && !text.startsWith("-" + RIGHT, position + 1)) {
                position++;
            }
            return token(Kind.SPACE);
        }
        return switch (c) {
            case '=' -> token(Kind.ASSIGN);
            case ':' -> declaration();
            case '|' -> token(Kind.PIPE);
            case '"' -> quoted('"', Kind.STRING, "unterminated quoted string");
            case '\'' -> quoted('\'', Kind.CHARACTER_CONSTANT, "unterminated character constant");
            case '`' -> raw();
            case '$' -> variable();
            case '(' -> {
                parens++;
                yield token(Kind.LEFT_PAREN);
            }
            case ')' -> --parens < 0 ? error("unexpected right paren") : token(Kind.RIGHT_PAREN);
            default -> other(c);
        };
    }

    private Token declaration() {
        if (position == text.length() || text.charAt(position) != '=') {
            return error("expected :=");
        }
        position++;
        return token(Kind.DECLARE);
    }

    private Token other(char c) {
        boolean digit = c >= '0' && c <= '9';
        boolean digitFollows = position < text.length() && isDigit(text.charAt(position));
        if (c == '.' && !digitFollows) {
            return field();
        }
        if (digit || c == '+' || c == '-' || c == '.') {
            return number();
        }
        if (isWord(c)) {
            return identifier();
        }
        if (c > ' ' && c < 0x7F) {
            return token(Kind.CHARACTER);
        }
        int all = text.codePointAt(start);
        return error("unrecognized character in action: " + GoText.codePoint(all));
    }

    private Token field() {
        if (atTerminator()) {
            return token(Kind.DOT);
        }
        return word(Kind.FIELD);
    }

    private Token variable() {
        if (atTerminator()) {
            return token(Kind.VARIABLE);
        }
        return word(Kind.VARIABLE);
    }

    private Token word(Kind kind) {
        skipWord();
        return atTerminator() ? token(kind) : badCharacter();
    }

    private Token identifier() {
        skipWord();
        if (!atTerminator()) {
            return badCharacter();
        }
        String word = text.substring(start, position);
        if (KEYWORDS.contains(word)) {
            return token(Kind.KEYWORD);
        }
        return switch (word) {
            case "true", "false" -> token(Kind.BOOL);
            case "nil" -> token(Kind.NIL);
            default -> token(Kind.IDENTIFIER);
        };
    }

    private Token number() {
        while (position < text.length()) {
            char c = text.charAt(position);
            char before = text.charAt(position - 1);
            boolean sign = (c == '+' || c == '-') && "eEpP".indexOf(before) >= 0;
            if (!isWord(c) && c != '.' && !sign) {
                break;
            }
            position++;
        }
        return token(Kind.NUMBER);
    }

    private Token quoted(char quote, Kind kind, String unterminated) {
        while (position < text.length()) {
            char c = text.charAt(position++);
            if (c == '\\' && position < text.length() && text.charAt(position) != '\n') {
                position++;
            } else if (c == '\n') {
                return error(unterminated);
            } else if (c == quote) {
                return token(kind);
            }
        }
        return error(unterminated);
    }

    private Token raw() {
        int end = text.indexOf('`', position);
        if (end < 0) {
            return error("unterminated raw quoted string");
        }
        position = end + 1;
        return token(Kind.RAW_STRING);
    }

    private void skipWord() {
        while (position < text.length() && isWord(text.charAt(position))) {
            position++;
        }
    }

    private Token badCharacter() {
        return error("bad character " + GoText.codePoint(text.codePointAt(position)));
    }

    /// Whether what was read may end here.
    private boolean atTerminator() {
        return position == text.length()
                || " \t\r\n.,|:)(".indexOf(text.charAt(position)) >= 0
                || text.startsWith(RIGHT, position);
    }

    private static boolean isWord(char c) {
        return c == '_' || Character.isLetterOrDigit(c);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private Token token(Kind kind) {
        return new Token(kind, start, text.substring(start, position));
    }

    private Token error(String message) {
        return new Token(Kind.ERROR, start, message);
    }
}
