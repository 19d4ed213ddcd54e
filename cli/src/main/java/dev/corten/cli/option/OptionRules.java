package dev.corten.cli.option;

import dev.corten.cli.text.Quantity;
import dev.corten.model.container.Ulimit;
import java.util.HashSet;
import java.util.Set;

/// What values of options with a form of their own are refused, in Docker's words; an empty text if
/// one is not.
public final class OptionRules {
    private static final Set<String> SYSCTLS =
            Set.of(
                    "kernel.msgmax",
                    "kernel.msgmnb",
                    "kernel.msgmni",
                    "kernel.sem",
                    "kernel.shm_rmid_forced",
                    "kernel.shmall",
                    "kernel.shmmax",
                    "kernel.shmmni");

    private OptionRules() {}

    private static String device(String value) {
        int colon = value.indexOf(':');
        if (colon <= 0) {
            return "bad format: " + value;
        }
        return value.startsWith("/dev/") ? "" : "bad format for device path: " + value;
    }

    private static String afterColon(String value) {
        return value.substring(value.indexOf(':') + 1);
    }

    public static String weight(String value) {
        String refusal = device(value);
        if (!refusal.isEmpty()) {
            return refusal;
        }
        String weight = afterColon(value);
        boolean valid = Scalars.uint16Refusal(weight).isEmpty();
        int number = valid ? Integer.parseInt(weight) : -1;
        return number == 0 || (number >= 10 && number <= 1000)
                ? ""
                : "invalid weight for device: " + value;
    }

    public static String bytesPerSecond(String value) {
        String refusal = device(value);
        if (!refusal.isEmpty()) {
            return refusal;
        }
        return Quantity.parseBytes(afterColon(value)) >= 0
                ? ""
                : "invalid rate for device: "
                        + value
                        + ". The correct format is <device-path>:<number>[<unit>]. Number must be a"
                        + " positive integer. Unit is optional and can be kb, mb, or gb";
    }

    public static String operationsPerSecond(String value) {
        String refusal = device(value);
        if (!refusal.isEmpty()) {
            return refusal;
        }
        return Scalars.uintRefusal(afterColon(value)).isEmpty()
                ? ""
                : "invalid rate for device: "
                        + value
                        + ". The correct format is <device-path>:<number>. Number must be a positive"
                        + " integer";
    }

    /// `c 1:3 rwm`
    public static String deviceRule(String value) {
        String[] words = value.split(" ", -1);
        boolean valid = words.length == 3 && words[0].length() == 1 && !words[2].isEmpty();
        if (valid) {
            int colon = words[1].indexOf(':');
            valid =
                    "acb".indexOf(words[0]) >= 0
                            && colon > 0
                            && isNumberOrStar(words[1].substring(0, colon))
                            && isNumberOrStar(words[1].substring(colon + 1))
                            && words[2].length() <= 3;
            for (int i = 0; i < words[2].length(); i++) {
                valid &= "rwm".indexOf(words[2].charAt(i)) >= 0;
            }
        }
        return valid ? "" : "invalid device cgroup format '" + value + "'";
    }

    private static boolean isNumberOrStar(String text) {
        boolean digits = !text.isEmpty();
        for (int i = 0; i < text.length(); i++) {
            digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return digits || text.equals("*");
    }

    public static String link(String value) {
        if (value.isEmpty()) {
            return "empty string specified for links";
        }
        int first = value.indexOf(':');
        boolean more = first >= 0 && value.indexOf(':', first + 1) >= 0;
        return more ? "bad format for links: " + value : "";
    }

    public static String sysctl(String value) {
        int equals = value.indexOf('=');
        String name = equals < 0 ? "" : value.substring(0, equals);
        boolean known =
                SYSCTLS.contains(name) || name.startsWith("net.") || name.startsWith("fs.mqueue.");
        return known ? "" : "sysctl '" + value + "' is not allowed";
    }

    public static String ulimit(String value) {
        int equals = value.indexOf('=');
        if (equals < 0) {
            return "invalid ulimit argument: " + value;
        }
        String name = value.substring(0, equals);
        if (!Ulimit.NAMES.contains(name)) {
            return "invalid ulimit type: " + name;
        }
        String limits = value.substring(equals + 1);
        String[] parts = limits.split(":", -1);
        if (parts.length > 2) {
            return "too many limit value arguments - "
                    + limits
                    + ", can only have up to two, `soft[:hard]`";
        }
        for (String part : parts) {
            String refusal = Scalars.intRefusal(part);
            if (!refusal.isEmpty()) {
                return refusal;
            }
        }
        long soft = Long.parseLong(parts[0]);
        long hard = Long.parseLong(parts[parts.length - 1]);
        String less = "ulimit soft limit must be less than or equal to hard limit: ";
        if (hard != -1 && soft == -1) {
            return less + "soft: -1 (unlimited), hard: " + hard;
        }
        return hard != -1 && soft > hard ? less + soft + " > " + hard : "";
    }

    public static String gpus(String value) {
        var seen = new HashSet<String>();
        for (String field : Fields.of(value)) {
            int equals = field.indexOf('=');
            String key = equals < 0 ? field : field.substring(0, equals);
            if (!seen.add(key)) {
                return "gpu request key '" + key + "' can be specified only once";
            }
            String given = field.substring(equals + 1);
            switch (equals < 0 ? "count" : key) {
                case "count" -> {
                    seen.add("count");
                    if (!given.equals("all") && !Scalars.intRefusal(given).isEmpty()) {
                        return "invalid count ("
                                + given
                                + "): value must be either \"all\" or an integer: invalid syntax";
                    }
                }
                case "driver", "device", "capabilities", "options" -> {}
                default -> {
                    return "unexpected key '" + key + "' in '" + field + "'";
                }
            }
        }
        return "";
    }

    /// `key=value,key=value`
    public static String pairs(String value) {
        for (String field : Fields.of(value)) {
            if (field.indexOf('=') < 0) {
                return field + " must be formatted as key=value";
            }
        }
        return "";
    }
}
