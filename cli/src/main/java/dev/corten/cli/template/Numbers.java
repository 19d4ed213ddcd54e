package dev.corten.cli.template;

import dev.corten.cli.template.Token.Kind;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/// Numbers as they are written in templates: `12`, `0x1F`, `0b11`, `1_000`, `1.5e3`, `'a'`.
final class Numbers {
    private Numbers() {}

    /// Null if it is none.
    static @Nullable Value parse(Token token) {
        if (token.is(Kind.CHARACTER_CONSTANT)) {
            String text = GoText.unquote(token.text());
            boolean one = text.codePointCount(0, text.length()) == 1;
            return one ? Value.integer(text.codePointAt(0)) : null;
        }
        String text = token.text().replace("_", "");
        boolean signed = text.startsWith("-") || text.startsWith("+");
        String digits = signed ? text.substring(1) : text;
        Long integer = integer(digits);
        if (integer != null) {
            return Value.integer(text.startsWith("-") ? -integer : integer);
        }
        return decimal(text);
    }

    private static @Nullable Long integer(String digits) {
        boolean prefixed = digits.length() > 1 && digits.charAt(0) == '0';
        int radix = prefixed ? radix(digits.charAt(1)) : 10;
        String rest = !prefixed ? digits : digits.substring(radix == 0 ? 1 : 2);
        radix = radix == 0 ? 8 : radix;
        try {
            boolean sign = rest.startsWith("-") || rest.startsWith("+");
            return sign ? null : new BigInteger(rest, radix).longValueExact();
        } catch (NumberFormatException | ArithmeticException e) {
            return null;
        }
    }

    /// What a prefix says; 0 for the old way of octal numbers, `017`.
    private static int radix(char prefix) {
        return switch (Character.toLowerCase(prefix)) {
            case 'x' -> 16;
            case 'b' -> 2;
            case 'o' -> 8;
            default -> 0;
        };
    }

    private static @Nullable Value decimal(String text) {
        try {
            char end = text.charAt(text.length() - 1);
            boolean plain = (end >= '0' && end <= '9') || end == '.';
            if (!plain) {
                return null;
            }
            double value = Double.parseDouble(text);
            boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
            // A constant like 1e3 is an integer where one is wanted; it prints as one as well.
            return whole && text.indexOf('.') < 0
                    ? Value.integer((long) value)
                    : Value.decimal(value);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
