package dev.corten.cli.option;

import java.util.Arrays;
import java.util.Optional;

/// Addresses and names on the command line, read as Go reads them, without asking anybody.
public final class Addresses {
    private static final int BYTES_4 = 4;
    private static final int BYTES_6 = 16;
    private static final int GROUP_DIGITS = 4;
    private static final int MAX_DOMAIN = 254;

    private Addresses() {}

    public static boolean isIp(String text) {
        return parse(text).isPresent();
    }

    /// The short form of an address; empty if it is none.
    public static Optional<String> canonical(String text) {
        return parse(text).map(bytes -> bytes.length == BYTES_4 ? show4(bytes) : show6(bytes));
    }

    /// Whether a container would look for this address in itself.
    public static boolean isLoopback(String text) {
        return text.startsWith("127.") || text.equals("::1");
    }

    private static Optional<byte[]> parse(String text) {
        if (text.indexOf(':') < 0) {
            return parse4(text);
        }
        int doubled = text.indexOf("::");
        if (doubled < 0) {
            return groups(text).filter(bytes -> bytes.length == BYTES_6).map(Addresses::unmap);
        }
        Optional<byte[]> head = groups(text.substring(0, doubled));
        Optional<byte[]> tail = groups(text.substring(doubled + 2));
        if (head.isEmpty() || tail.isEmpty() || text.indexOf('.') >= 0 && tail.get().length == 0) {
            return Optional.empty();
        }
        int missing = BYTES_6 - head.get().length - tail.get().length;
        if (missing < 2) {
            return Optional.empty();
        }
        byte[] all = Arrays.copyOf(head.get(), BYTES_6);
        System.arraycopy(tail.get(), 0, all, BYTES_6 - tail.get().length, tail.get().length);
        return Optional.of(unmap(all));
    }

    /// An IPv4 address in the clothes of IPv6 is one.
    private static byte[] unmap(byte[] bytes) {
        boolean mapped = bytes[10] == -1 && bytes[11] == -1;
        for (int i = 0; i < 10 && mapped; i++) {
            mapped = bytes[i] == 0;
        }
        return mapped ? Arrays.copyOfRange(bytes, BYTES_6 - BYTES_4, BYTES_6) : bytes;
    }

    /// Groups of hexadecimal digits with colons between, the last perhaps an IPv4 address.
    private static Optional<byte[]> groups(String text) {
        if (text.isEmpty()) {
            return Optional.of(new byte[0]);
        }
        String[] parts = text.split(":", -1);
        byte[] bytes = new byte[2 * parts.length + 2];
        int length = 0;
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].indexOf('.') >= 0) {
                Optional<byte[]> four = parse4(parts[i]);
                if (i < parts.length - 1 || four.isEmpty()) {
                    return Optional.empty();
                }
                System.arraycopy(four.get(), 0, bytes, length, BYTES_4);
                length += BYTES_4;
            } else {
                int group = number(parts[i], 16, GROUP_DIGITS);
                if (group < 0) {
                    return Optional.empty();
                }
                bytes[length++] = (byte) (group >> 8);
                bytes[length++] = (byte) group;
            }
        }
        return length > BYTES_6 ? Optional.empty() : Optional.of(Arrays.copyOf(bytes, length));
    }

    private static Optional<byte[]> parse4(String text) {
        String[] parts = text.split("\\.", -1);
        byte[] bytes = new byte[BYTES_4];
        if (parts.length != BYTES_4) {
            return Optional.empty();
        }
        for (int i = 0; i < BYTES_4; i++) {
            int number = number(parts[i], 10, 3);
            boolean padded = parts[i].length() > 1 && parts[i].charAt(0) == '0';
            if (number < 0 || number > 255 || padded) {
                return Optional.empty();
            }
            bytes[i] = (byte) number;
        }
        return Optional.of(bytes);
    }

    /// Digits only; -1 for anything else.
    private static int number(String text, int base, int mostDigits) {
        if (text.isEmpty() || text.length() > mostDigits) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int digit = c < 0x80 ? Character.digit(c, base) : -1;
            if (digit < 0) {
                return -1;
            }
            number = number * base + digit;
        }
        return number;
    }

    private static String show4(byte[] bytes) {
        return (bytes[0] & 0xFF)
                + "."
                + (bytes[1] & 0xFF)
                + "."
                + (bytes[2] & 0xFF)
                + "."
                + (bytes[3] & 0xFF);
    }

    private static String show6(byte[] bytes) {
        int zeros = -1; // where the longest run of zero groups begins, and how long it is
        int longest = 1;
        for (int start = 0; start < BYTES_6 / 2; start++) {
            int end = start;
            while (end < BYTES_6 / 2 && bytes[2 * end] == 0 && bytes[2 * end + 1] == 0) {
                end++;
            }
            if (end - start > longest) {
                zeros = start;
                longest = end - start;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < BYTES_6 / 2; i++) {
            if (i == zeros) {
                text.append("::");
                i += longest - 1;
                continue;
            }
            if (i > 0 && i != zeros + longest) {
                text.append(':');
            }
            text.append(Integer.toHexString((bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF));
        }
        return text.toString();
    }

    /// Whether this is an Ethernet address of 6, 8 or 20 bytes in one of its three forms.
    public static boolean isMac(String text) {
        boolean dotted = text.indexOf('.') >= 0;
        String[] parts = text.split(dotted ? "\\." : text.indexOf('-') >= 0 ? "-" : ":", -1);
        int digits = dotted ? 4 : 2;
        int bytes = parts.length * digits / 2;
        boolean right = bytes == 6 || bytes == 8 || bytes == 20;
        for (int i = 0; i < parts.length && right; i++) {
            right = parts[i].length() == digits && number(parts[i], 16, digits) >= 0;
        }
        return right;
    }

    /// A search domain without a dot at its end; empty if it is none. A dot alone stands for none.
    public static Optional<String> domain(String given) {
        String text = given.strip();
        if (text.equals(".")) {
            return Optional.of(text);
        }
        String domain = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        boolean letter = false;
        for (String label : domain.split("\\.", -1)) {
            if (label.isEmpty() || label.startsWith("-") || label.endsWith("-")) {
                return Optional.empty();
            }
            for (int i = 0; i < label.length(); i++) {
                char c = label.charAt(i);
                boolean alphabetic = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
                if (!alphabetic && !(c >= '0' && c <= '9') && c != '-') {
                    return Optional.empty();
                }
                letter |= alphabetic;
            }
        }
        return letter && domain.length() <= MAX_DOMAIN ? Optional.of(domain) : Optional.empty();
    }

    /// A value of `--add-host` as the API wants it; see [#hostRefusal].
    public static String extraHost(String given) {
        int split = split(given);
        return given.substring(0, split) + ":" + bare(given.substring(split + 1));
    }

    /// Why `--add-host` refuses this; empty if it does not.
    public static String hostRefusal(String given) {
        int split = split(given);
        if (split <= 0 || given.substring(0, split).indexOf(':') >= 0) {
            return "bad format for add-host: \"" + given + "\"";
        }
        String address = bare(given.substring(split + 1));
        return address.equals("host-gateway") || isIp(address.strip())
                ? ""
                : "invalid IP address in add-host: \"" + address + "\"";
    }

    private static int split(String host) {
        int equals = host.indexOf('=');
        return equals >= 0 ? equals : host.indexOf(':');
    }

    private static String bare(String address) {
        return address.length() > 2 && address.startsWith("[") && address.endsWith("]")
                ? address.substring(1, address.length() - 1)
                : address;
    }
}
