package dev.corten.cli.template;

import dev.corten.model.RawText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;

/// `printf`, with the verbs, flags, widths and error marks of Go's fmt.
final class Printf {
    private static final int USUAL_PRECISION = 6;

    private final String pattern;
    private final List<Value> values;
    private final StringBuilder out = new StringBuilder();
    private int next = 1;

    private String flags = "";
    private int width;
    private int precision;

    private Printf(List<Value> values) {
        this.pattern = values.getFirst().string();
        this.values = values;
    }

    /// @param values the pattern and what it is about
    static String format(List<Value> values) {
        return new Printf(values).format();
    }

    private String format() {
        int i = 0;
        while (i < pattern.length()) {
            int percent = pattern.indexOf('%', i);
            if (percent < 0) {
                out.append(pattern, i, pattern.length());
                break;
            }
            out.append(pattern, i, percent);
            i = verb(percent + 1);
        }
        if (next < values.size()) {
            out.append("%!(EXTRA ");
            for (int k = next; k < values.size(); k++) {
                out.append(k == next ? "" : ", ").append(typed(values.get(k)));
            }
            out.append(')');
        }
        return out.toString();
    }

    /// @return where the pattern goes on
    private int verb(int start) {
        int i = start;
        while (i < pattern.length() && "+-# 0".indexOf(pattern.charAt(i)) >= 0) {
            i++;
        }
        flags = pattern.substring(start, i);
        int end = digits(i);
        width = number(i, end, 0);
        i = end;
        precision = -1;
        if (i < pattern.length() && pattern.charAt(i) == '.') {
            end = digits(i + 1);
            precision = number(i + 1, end, 0);
            i = end;
        }
        if (i == pattern.length()) {
            out.append("%!(NOVERB)");
            return i;
        }
        char verb = pattern.charAt(i);
        if (verb == '%') {
            out.append('%');
        } else if (next == values.size()) {
            out.append("%!").append(verb).append("(MISSING)");
        } else {
            out.append(padded(shown(verb, values.get(next++))));
        }
        return i + 1;
    }

    private int digits(int start) {
        int i = start;
        while (i < pattern.length() && pattern.charAt(i) >= '0' && pattern.charAt(i) <= '9') {
            i++;
        }
        return i;
    }

    private int number(int start, int end, int fallback) {
        // More than a terminal would ever show is a mistake, not a wish for gigabytes.
        return start == end || end - start > 6
                ? fallback
                : Integer.parseInt(pattern.substring(start, end));
    }

    private boolean has(char flag) {
        return flags.indexOf(flag) >= 0;
    }

    private String padded(String text) {
        int missing = width - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        if (has('-')) {
            return text + " ".repeat(missing);
        }
        if (has('0')) {
            boolean sign = text.startsWith("-") || text.startsWith("+");
            String zeros = "0".repeat(missing);
            return sign ? text.charAt(0) + zeros + text.substring(1) : zeros + text;
        }
        return " ".repeat(missing) + text;
    }

    private String shown(char verb, Value value) {
        if (verb == 'T') {
            return value.typeName();
        }
        if (verb == 'v') {
            return value.isNil() ? "<nil>" : numbered(value);
        }
        if (value.isNil()) {
            return "%!" + verb + "(<nil>)";
        }
        return switch (value.kind()) {
            case BOOL -> verb == 't' ? value.print() : bad(verb, value);
            case INT, DURATION -> integer(verb, value);
            case FLOAT -> decimal(verb, value);
            case STRING, TIME -> text(verb, value, value.print());
            default -> "sq".indexOf(verb) >= 0 ? value.print() : bad(verb, value);
        };
    }

    /// `%+v` of a number has its sign.
    private String numbered(Value value) {
        boolean number = value.kind() == Shape.Kind.INT || value.kind() == Shape.Kind.FLOAT;
        return number ? signed(value.print()) : value.print();
    }

    private String signed(String number) {
        if (number.startsWith("-")) {
            return number;
        }
        return (has('+') ? "+" : has(' ') ? " " : "") + number;
    }

    private String integer(char verb, Value value) {
        long number = value.integer();
        String sign = number < 0 ? "-" : "";
        String size = number < 0 ? Long.toString(number).substring(1) : Long.toString(number);
        return switch (verb) {
            case 'd' -> signed(sign + size);
            case 'x' -> signed(sign + (has('#') ? "0x" : "") + Long.toHexString(Math.abs(number)));
            case 'X' ->
                    signed(
                            sign
                                    + (has('#') ? "0X" : "")
                                    + Long.toHexString(Math.abs(number)).toUpperCase(Locale.ROOT));
            case 'o' -> signed(sign + (has('#') ? "0" : "") + Long.toOctalString(Math.abs(number)));
            case 'b' -> signed(sign + Long.toBinaryString(Math.abs(number)));
            case 'c' ->
                    Character.isValidCodePoint((int) number)
                            ? Character.toString((int) number)
                            : "\uFFFD";
            case 'q' -> "'" + Character.toString((int) number) + "'";
            case 'U' -> unicode((int) number);
            case 's' -> value.kind() == Shape.Kind.DURATION ? value.print() : bad(verb, value);
            default -> bad(verb, value);
        };
    }

    private String decimal(char verb, Value value) {
        double number = value.decimal();
        return switch (verb) {
            case 'f', 'F' -> {
                int places = precision < 0 ? USUAL_PRECISION : precision;
                yield signed(
                        new BigDecimal(number)
                                .setScale(places, RoundingMode.HALF_EVEN)
                                .toPlainString());
            }
            case 'e', 'E' -> {
                int places = precision < 0 ? USUAL_PRECISION : precision;
                String text = String.format(Locale.ROOT, "%." + places + "e", number);
                yield signed(verb == 'E' ? text.toUpperCase(Locale.ROOT) : text);
            }
            case 'g', 'G' ->
                    signed(
                            precision < 0
                                    ? GoText.number(number)
                                    : GoText.number(
                                            new BigDecimal(number)
                                                    .round(
                                                            new java.math.MathContext(
                                                                    Math.max(1, precision)))
                                                    .doubleValue()));
            default -> bad(verb, value);
        };
    }

    private String text(char verb, Value value, String text) {
        String cut = text;
        if (precision >= 0 && precision < text.codePointCount(0, text.length())) {
            cut = text.substring(0, text.offsetByCodePoints(0, precision));
        }
        return switch (verb) {
            case 's' -> cut;
            case 'q' -> has('#') && cut.indexOf('`') < 0 ? "`" + cut + "`" : GoText.quote(cut);
            case 'x', 'X' -> {
                var hex = new StringBuilder();
                for (byte b : RawText.encode(cut)) {
                    hex.append(Character.forDigit(b >> 4 & 15, 16));
                    hex.append(Character.forDigit(b & 15, 16));
                }
                yield verb == 'X' ? hex.toString().toUpperCase(Locale.ROOT) : hex.toString();
            }
            default -> bad(verb, value);
        };
    }

    private static String unicode(int number) {
        String text = GoText.codePoint(number);
        int space = text.indexOf(' ');
        return space < 0 ? text : text.substring(0, space);
    }

    private static String bad(char verb, Value value) {
        return "%!" + verb + "(" + typed(value) + ")";
    }

    private static String typed(Value value) {
        return value.isNil() ? "<nil>" : value.typeName() + "=" + value.print();
    }
}
