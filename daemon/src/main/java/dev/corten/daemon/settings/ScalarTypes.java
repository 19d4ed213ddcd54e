package dev.corten.daemon.settings;

import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Options of one value.
final class ScalarTypes {
    private static final Pattern SIZE =
            Pattern.compile("([0-9]+(?:\\.[0-9]*)?) ?([kmgtp])?i?b?", Pattern.CASE_INSENSITIVE);
    private static final Pattern IPV4 =
            Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");
    private static final String UNITS = "kmgtp";

    static final ValueType<String> TEXT =
            new ValueType<>("string", "") {
                @Override
                String fromFlag(@Nullable String before, String text) {
                    return text;
                }

                @Override
                String fromFile(JsonValue value, String path) throws BadValue {
                    return text(value, path);
                }

                @Override
                String shown(String value) {
                    return value;
                }

                @Override
                String inHelp(String value) {
                    return "\"" + value + "\"";
                }
            };

    static final ValueType<Boolean> SWITCH =
            new ValueType<>("", false) {
                @Override
                boolean isSwitch() {
                    return true;
                }

                @Override
                Boolean fromFlag(@Nullable Boolean before, String text) throws BadValue {
                    return truth(text);
                }

                @Override
                Boolean fromFile(JsonValue value, String path) throws BadValue {
                    if (value instanceof JsonValue.Truth(boolean truth, int _)) {
                        return truth;
                    }
                    throw mismatch(value, path, "bool");
                }

                @Override
                String shown(Boolean value) {
                    return value.toString();
                }
            };

    static final ValueType<Long> NUMBER =
            new ValueType<>("int", 0L) {
                @Override
                Long fromFlag(@Nullable Long before, String text) throws BadValue {
                    return integer(text);
                }

                @Override
                Long fromFile(JsonValue value, String path) throws BadValue {
                    if (value instanceof JsonValue.Numeral(String literal, int _)) {
                        try {
                            return Long.parseLong(literal);
                        } catch (NumberFormatException _) {
                            throw mismatch(value, path, "int");
                        }
                    }
                    throw mismatch(value, path, "int");
                }

                @Override
                String shown(Long value) {
                    return value.toString();
                }
            };

    /// A number of bytes, in the file too as a text with a unit.
    static final ValueType<Long> BYTES =
            new ValueType<>("bytes", 0L) {
                @Override
                Long fromFlag(@Nullable Long before, String text) throws BadValue {
                    return bytes(text);
                }

                @Override
                Long fromFile(JsonValue value, String path) throws BadValue {
                    if (value instanceof JsonValue.Text(String text, int _)) {
                        try {
                            return bytes(text);
                        } catch (BadValue e) {
                            throw new BadValue("invalid JSON: " + e.message());
                        }
                    }
                    throw new BadValue("invalid JSON: invalid size: \"" + value.shown() + "\"");
                }

                @Override
                String shown(Long value) {
                    return binary(value);
                }
            };

    /// A time: `90s`, `10m`, `1h`.
    static final ValueType<OptionalLong> SECONDS =
            new ValueType<>("duration", OptionalLong.empty()) {
                @Override
                OptionalLong fromFlag(@Nullable OptionalLong before, String text) throws BadValue {
                    return OptionalLong.of(seconds(text));
                }

                @Override
                OptionalLong fromFile(JsonValue value, String path) throws BadValue {
                    return OptionalLong.of(seconds(text(value, path)));
                }

                @Override
                String shown(OptionalLong value) {
                    return value.isPresent() ? value.getAsLong() + "s" : "";
                }
            };

    /// An address.
    static final ValueType<String> ADDRESS =
            new ValueType<>("ip", "") {
                @Override
                String fromFlag(@Nullable String before, String text) throws BadValue {
                    if (!isAddress(text)) {
                        throw new BadValue("failed to parse IP: \"" + text + "\"");
                    }
                    return text;
                }

                @Override
                String fromFile(JsonValue value, String path) throws BadValue {
                    String text = text(value, path);
                    if (!text.isEmpty() && !isAddress(text)) {
                        throw new BadValue("invalid JSON: invalid IP address: " + text);
                    }
                    return text;
                }

                @Override
                String shown(String value) {
                    return value;
                }
            };

    private ScalarTypes() {}

    static String text(JsonValue value, String path) throws BadValue {
        if (value instanceof JsonValue.Text(String text, int _)) {
            return text;
        }
        throw ValueType.mismatch(value, path, "string");
    }

    /// The words that Go takes for a truth value.
    static boolean truth(String text) throws BadValue {
        return switch (text) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            case "0", "f", "F", "false", "FALSE", "False" -> false;
            default ->
                    throw new BadValue(
                            "strconv.ParseBool: parsing \"" + text + "\": invalid syntax");
        };
    }

    static long integer(String text) throws BadValue {
        try {
            return Long.decode(text);
        } catch (NumberFormatException _) {
            boolean digits = text.matches("[+-]?\\d+");
            throw new BadValue(
                    "strconv.ParseInt: parsing \""
                            + text
                            + "\": "
                            + (digits ? "value out of range" : "invalid syntax"));
        }
    }

    private static long bytes(String text) throws BadValue {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new BadValue("invalid size: '" + text + "'");
        }
        String unit = size.group(2);
        int shift = unit == null ? 0 : 10 * (UNITS.indexOf(unit.toLowerCase(Locale.ROOT)) + 1);
        return (long) (Double.parseDouble(size.group(1)) * (1L << shift));
    }

    /// Four digits at most: `64MiB`.
    static String binary(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < UNITS.length()) {
            value /= 1024;
            unit++;
        }
        String number =
                value == Math.rint(value)
                        ? Long.toString((long) value)
                        : String.format(Locale.ROOT, "%.4g", value);
        return number + (unit == 0 ? "B" : UNITS.toUpperCase(Locale.ROOT).charAt(unit - 1) + "iB");
    }

    private static long seconds(String text) throws BadValue {
        try {
            long number = Long.parseLong(text.substring(0, Math.max(0, text.length() - 1)));
            return switch (text.charAt(text.length() - 1)) {
                case 's' -> number;
                case 'm' -> 60 * number;
                case 'h' -> 3600 * number;
                default -> throw new BadValue("invalid duration: " + text);
            };
        } catch (NumberFormatException | IndexOutOfBoundsException _) {
            throw new BadValue("invalid duration: " + text);
        }
    }

    /// Whether the text is an address, and not a name to be looked up.
    static boolean isAddress(String text) {
        if (IPV4.matcher(text).matches()) {
            for (String part : text.split("\\.")) {
                if (Integer.parseInt(part) > 255) {
                    return false;
                }
            }
            return true;
        }
        if (text.indexOf(':') < 0) {
            return false;
        }
        try {
            java.net.Inet6Address.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
