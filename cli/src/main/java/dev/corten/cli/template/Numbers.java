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
        int radix = 10;
        String rest = digits;
        if (digits.length() > 1 && digits.charAt(0) == '0') {
            switch (Character.toLowerCase(digits.charAt(1))) {
                case 'x' -> radix = 16;
                case 'b' -> radix = 2;
                case 'o' -> radix = 8;
                default -> radix = 0;
            }
            rest = radix == 0 ? digits.substring(1) : digits.substring(2);
            radix = radix == 0 ? 8 : radix;
        }
        try {
            boolean sign = rest.startsWith("-") || rest.startsWith("+");
            return sign ? null : new BigInteger(rest, radix).longValueExact();
        } catch (NumberFormatException | ArithmeticException e) {
            return null;
        }
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
