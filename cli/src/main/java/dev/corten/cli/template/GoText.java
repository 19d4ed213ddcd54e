package dev.corten.cli.template;

import java.math.BigDecimal;

/// How Go writes values as text.
public final class GoText {
    /// From this exponent on, `%v` of a floating-point number is scientific.
    private static final int EXPONENT_MAX = 21;

    private static final int EXPONENT_MIN = -4;

    private GoText() {}

    /// In double quotes, with escapes as `strconv.Quote` makes them.
    public static String quote(String text) {
        var quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case 0x07 -> quoted.append("\\a");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                case 0x0B -> quoted.append("\\v");
                default -> {
                    if (c >= 0xDC80 && c <= 0xDCFF) {
                        quoted.append("\\x").append(Integer.toHexString(c - 0xDC00));
                    } else if (c < 0x20 || c == 0x7F) {
                        quoted.append(c < 0x10 ? "\\x0" : "\\x").append(Integer.toHexString(c));
                    } else {
                        quoted.appendCodePoint(c);
                    }
                }
            }
        }
        return quoted.append('"').toString();
    }

    /// A floating-point number as `%v` shows it.
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        if (value == 0) {
            return "0";
        }
        BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        int exponent = exact.precision() - exact.scale() - 1;
        if (exponent >= EXPONENT_MIN && exponent < EXPONENT_MAX) {
            return exact.toPlainString();
        }
        String digits = exact.unscaledValue().abs().toString();
        var text = new StringBuilder(value < 0 ? "-" : "").append(digits.charAt(0));
        if (digits.length() > 1) {
            text.append('.').append(digits, 1, digits.length());
        }
        text.append('e').append(exponent < 0 ? '-' : '+');
        int size = Math.abs(exponent);
        return text.append(size < 10 ? "0" : "").append(size).toString();
    }

    /// `U+0040 '@'`, as `%#U` shows a character.
    static String codePoint(int c) {
        String hex = Integer.toHexString(c).toUpperCase(java.util.Locale.ROOT);
        String padded = "0".repeat(Math.max(0, 4 - hex.length())) + hex;
        return "U+" + padded + (c >= ' ' ? " '" + Character.toString(c) + "'" : "");
    }

    /// The characters of a quoted string.
    ///
    /// @throws TemplateFailure if an escape is unknown
    static String unquote(String quoted) {
        String body = quoted.substring(1, quoted.length() - 1);
        if (quoted.charAt(0) == '`' || body.indexOf('\\') < 0) {
            return body;
        }
        var text = new StringBuilder();
        int i = 0;
        while (i < body.length()) {
            char c = body.charAt(i++);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            char escaped = i < body.length() ? body.charAt(i++) : ' ';
            int digits =
                    switch (escaped) {
                        case 'x' -> 2;
                        case 'u' -> 4;
                        case 'U' -> 8;
                        default -> 0;
                    };
            if (digits > 0) {
                text.appendCodePoint(hex(body, i, digits));
                i += digits;
            } else {
                text.append(simpleEscape(escaped));
            }
        }
        return text.toString();
    }

    private static int hex(String body, int start, int digits) {
        try {
            int c = Integer.parseInt(body.substring(start, start + digits), 16);
            if (Character.isValidCodePoint(c)) {
                return digits == 2 && c >= 0x80 ? 0xDC00 + c : c;
            }
        } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
            throw invalid();
        }
        throw invalid();
    }

    private static char simpleEscape(char escaped) {
        return switch (escaped) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'a' -> 0x07;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'v' -> 0x0B;
            case '\\', '"', '\'' -> escaped;
            default -> throw invalid();
        };
    }

    private static TemplateFailure invalid() {
        return new TemplateFailure("invalid syntax");
    }
}
