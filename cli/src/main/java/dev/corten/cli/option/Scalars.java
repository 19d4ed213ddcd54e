package dev.corten.cli.option;

/// Truth values and whole numbers, and why others are refused in the words of Go's `strconv`; an
/// empty text if one is not.
public final class Scalars {
    private Scalars() {}

    public static boolean isTrue(String value) {
        return switch (value) {
            case "1", "t", "T", "true", "TRUE", "True" -> true;
            default -> false;
        };
    }

    private static boolean isFalse(String value) {
        return switch (value) {
            case "0", "f", "F", "false", "FALSE", "False" -> true;
            default -> false;
        };
    }

    public static boolean isBool(String value) {
        return isTrue(value) || isFalse(value);
    }

    public static String boolRefusal(String value) {
        return isBool(value) ? "" : syntax("ParseBool", value);
    }

    public static String intRefusal(String value) {
        return isInteger(value, true) ? "" : syntax("ParseInt", value);
    }

    public static String uintRefusal(String value) {
        return isInteger(value, false) ? "" : syntax("ParseUint", value);
    }

    public static String uint16Refusal(String value) {
        if (!isInteger(value, false)) {
            return syntax("ParseUint", value);
        }
        return value.length() > 5 || Integer.parseInt(value) > 65535
                ? "strconv.ParseUint: parsing \"" + value + "\": value out of range"
                : "";
    }

    private static String syntax(String function, String value) {
        return "strconv." + function + ": parsing \"" + value + "\": invalid syntax";
    }

    private static boolean isInteger(String value, boolean signed) {
        try {
            long number = Long.parseLong(value);
            return signed || number >= 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
