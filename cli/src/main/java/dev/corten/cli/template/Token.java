package dev.corten.cli.template;

/// A word of the language.
///
/// @param position of its first character in the template's text
record Token(Kind kind, int position, String text) {
    enum Kind {
        ERROR,
        EOF,
        TEXT,
        LEFT_DELIMITER,
        RIGHT_DELIMITER,
        SPACE,
        ASSIGN,
        DECLARE,
        PIPE,
        LEFT_PAREN,
        RIGHT_PAREN,
        CHARACTER,
        BOOL,
        NUMBER,
        CHARACTER_CONSTANT,
        STRING,
        RAW_STRING,
        DOT,
        FIELD,
        VARIABLE,
        NIL,
        IDENTIFIER,
        KEYWORD
    }

    boolean is(Kind other) {
        return kind == other;
    }

    boolean isKeyword(String word) {
        return kind == Kind.KEYWORD && text.equals(word);
    }

    /// As error messages show it.
    @Override
    public String toString() {
        return switch (kind) {
            case EOF -> "EOF";
            case ERROR -> text;
            case KEYWORD, DOT, NIL -> "<" + text + ">";
            default ->
                    text.length() > 10
                            ? GoText.quote(text.substring(0, 10)) + "..."
                            : GoText.quote(text);
        };
    }
}
