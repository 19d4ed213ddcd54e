package dev.corten.archive;

import dev.corten.model.PathBytes;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What PAX extended headers say; values are bytes, because xattrs and names are.
final class PaxRecords {
    static final String XATTR = "SCHILY.xattr.";

    private final Map<String, byte[]> values = new LinkedHashMap<>();

    /// The numbers of GNU sparse format 0.0, the only keys that may repeat.
    private final List<Long> sparsePairs = new ArrayList<>();

    /// Adds the records of an extended header's data: `LENGTH KEY=VALUE\n` each.
    void add(byte[] data) throws TarFormatException {
        int at = 0;
        while (at < data.length) {
            int space = at;
            long length = 0;
            while (space < data.length && data[space] != ' ') {
                int digit = data[space] - '0';
                if (digit < 0 || digit > 9 || length > data.length) {
                    throw new TarFormatException("malformed PAX record");
                }
                length = length * 10 + digit;
                space++;
            }
            long end = at + length;
            if (end > data.length || end <= space + 2 || data[(int) end - 1] != '\n') {
                throw new TarFormatException("malformed PAX record");
            }
            int equals = space + 1;
            while (equals < end && data[equals] != '=') {
                equals++;
            }
            if (equals >= end) {
                throw new TarFormatException("malformed PAX record");
            }
            // A key is ISO 8859-1 here only to keep its bytes: xattr names need not be UTF-8.
            var key = new String(data, space + 1, equals - space - 1, StandardCharsets.ISO_8859_1);
            put(key, Arrays.copyOfRange(data, equals + 1, (int) end - 1));
            at = (int) end;
        }
    }

    private void put(String key, byte[] value) throws TarFormatException {
        switch (key) {
            case "GNU.sparse.offset", "GNU.sparse.numbytes" -> {
                boolean wantsOffset = sparsePairs.size() % 2 == 0;
                if (wantsOffset != key.endsWith("offset")) {
                    throw new TarFormatException("malformed GNU sparse map");
                }
                sparsePairs.add(decimal(value));
            }
            case "GNU.sparse.map" -> {
                sparsePairs.clear();
                for (String number : ascii(value).split(",", -1)) {
                    sparsePairs.add(decimal(number.getBytes(StandardCharsets.ISO_8859_1)));
                }
            }
            default -> {
                if (known(key)) {
                    values.put(key, value);
                }
            }
        }
    }

    private static boolean known(String key) {
        return key.startsWith(XATTR)
                || switch (key) {
                    case "path",
                            "linkpath",
                            "size",
                            "uid",
                            "gid",
                            "mtime",
                            "GNU.sparse.major",
                            "GNU.sparse.minor",
                            "GNU.sparse.name",
                            "GNU.sparse.size",
                            "GNU.sparse.realsize",
                            "GNU.sparse.numblocks" ->
                            true;
                    default -> false;
                };
    }

    /// These records over [globals]: an empty value takes a global one away.
    static PaxRecords merged(PaxRecords globals, PaxRecords own) {
        if (globals.values.isEmpty()) {
            return own;
        }
        var merged = new PaxRecords();
        merged.values.putAll(globals.values);
        merged.values.putAll(own.values);
        merged.sparsePairs.addAll(own.sparsePairs);
        return merged;
    }

    @Nullable PathBytes path(String key) throws TarFormatException {
        byte[] value = values.get(key);
        if (value == null || value.length == 0) {
            return null;
        }
        return TarReader.path(value);
    }

    long number(String key, long otherwise) throws TarFormatException {
        byte[] value = values.get(key);
        return value == null || value.length == 0 ? otherwise : decimal(value);
    }

    Instant time(String key, Instant otherwise) throws TarFormatException {
        byte[] value = values.get(key);
        if (value == null || value.length == 0) {
            return otherwise;
        }
        String text = ascii(value);
        if (text.length() > 64 || !text.matches("-?\\d{1,18}(\\.\\d*)?")) {
            throw new TarFormatException("malformed PAX time");
        }
        var seconds = new BigDecimal(text.endsWith(".") ? text + "0" : text);
        long nanos =
                seconds.movePointRight(9)
                        .setScale(0, RoundingMode.FLOOR)
                        .toBigInteger()
                        .mod(java.math.BigInteger.valueOf(1_000_000_000))
                        .longValueExact();
        return TarReader.instant(seconds.setScale(0, RoundingMode.FLOOR).longValueExact(), nanos);
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    List<Long> sparsePairs() {
        return sparsePairs;
    }

    Map<PathBytes, byte[]> xattrs() throws TarFormatException {
        Map<PathBytes, byte[]> xattrs = Map.of();
        for (var record : values.entrySet()) {
            if (record.getKey().startsWith(XATTR)) {
                if (xattrs.isEmpty()) {
                    xattrs = new LinkedHashMap<>();
                }
                String name = record.getKey().substring(XATTR.length());
                xattrs.put(
                        TarReader.path(name.getBytes(StandardCharsets.ISO_8859_1)),
                        record.getValue());
            }
        }
        return xattrs;
    }

    private static long decimal(byte[] value) throws TarFormatException {
        String text = ascii(value);
        if (!text.matches("\\d{1,18}")) {
            throw new TarFormatException("malformed number in PAX record");
        }
        return Long.parseLong(text);
    }

    private static String ascii(byte[] value) {
        return new String(value, StandardCharsets.ISO_8859_1);
    }

    /// Appends one record; its length field counts itself.
    static void append(ByteArrayOutputStream out, byte[] key, byte[] value) {
        int rest = key.length + value.length + 3;
        int length = rest + String.valueOf(rest).length();
        if (rest + String.valueOf(length).length() != length) {
            length++;
        }
        out.writeBytes((length + " ").getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(key);
        out.write('=');
        out.writeBytes(value);
        out.write('\n');
    }
}
