package dev.corten.engine.stream;

import dev.corten.model.InvalidParameter;
import java.io.ByteArrayOutputStream;
import java.util.Optional;

/// The key sequence that lets a client go: `ctrl-p,ctrl-q`.
///
/// Each element is one ASCII character, `DEL`, or `ctrl-` with a letter or one of `@[\]^_`.
public final class DetachKeys {
    private static final byte[] DEFAULT = {16, 17};

    private DetachKeys() {}

    /// @param keys `""` for Docker's default
    /// @return the bytes that the terminal sends
    /// @throws InvalidParameter in Docker's words
    public static byte[] parse(String keys) {
        if (keys.isEmpty()) {
            return DEFAULT.clone();
        }
        return bytes(keys)
                .orElseThrow(
                        () -> new InvalidParameter("Invalid detach keys (" + keys + ") provided"));
    }

    /// Empty if the sequence is malformed.
    public static Optional<byte[]> bytes(String keys) {
        var bytes = new ByteArrayOutputStream();
        for (String key : keys.split(",", -1)) {
            int code = code(key);
            if (code < 0) {
                return Optional.empty();
            }
            bytes.write(code);
        }
        return Optional.of(bytes.toByteArray());
    }

    private static int code(String key) {
        if (key.length() == 1) {
            return key.charAt(0) < 128 ? key.charAt(0) : -1;
        }
        if (key.equals("DEL")) {
            return 127;
        }
        if (!key.startsWith("ctrl-") || key.length() != 6) {
            return -1;
        }
        char c = key.charAt(5);
        if (c >= 'a' && c <= 'z') {
            return c - 'a' + 1;
        }
        return switch (c) {
            case '@' -> 0;
            case '[' -> 27;
            case '\\' -> 28;
            case ']' -> 29;
            case '^' -> 30;
            case '_' -> 31;
            default -> -1;
        };
    }
}
