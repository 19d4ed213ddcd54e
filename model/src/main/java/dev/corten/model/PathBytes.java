package dev.corten.model;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A path, or a part of one, as the kernel knows it: any bytes but NUL.
///
/// Names inside images, archives and containers are not text; this type keeps them as they are
/// where `java.nio.file.Path` would fail or replace bytes. Immutable.
public final class PathBytes implements Comparable<PathBytes> {
    private static final byte SLASH = '/';

    private final byte[] bytes;

    private PathBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /// @throws InvalidParameter if there is a NUL byte in it
    public static PathBytes of(byte[] bytes) {
        return checked(bytes.clone());
    }

    /// The path of this text, in UTF-8; lone surrogates as in [RawText].
    ///
    /// @throws InvalidParameter if there is a NUL character in it
    public static PathBytes of(String text) {
        return checked(RawText.encode(text));
    }

    private static PathBytes checked(byte[] bytes) {
        for (byte b : bytes) {
            if (b == 0) {
                throw new InvalidParameter("path contains a NUL byte");
            }
        }
        return new PathBytes(bytes);
    }

    /// A copy of the bytes, without a terminating NUL.
    public byte[] bytes() {
        return bytes.clone();
    }

    public int length() {
        return bytes.length;
    }

    public boolean isEmpty() {
        return bytes.length == 0;
    }

    public boolean isAbsolute() {
        return bytes.length > 0 && bytes[0] == SLASH;
    }

    /// This path, a slash unless there is one, and the other path without its leading slashes.
    public PathBytes resolve(PathBytes other) {
        int skip = 0;
        while (skip < other.bytes.length && other.bytes[skip] == SLASH) {
            skip++;
        }
        boolean slash = bytes.length > 0 && bytes[bytes.length - 1] != SLASH;
        byte[] joined =
                Arrays.copyOf(bytes, bytes.length + (slash ? 1 : 0) + other.bytes.length - skip);
        int at = bytes.length;
        if (slash) {
            joined[at++] = SLASH;
        }
        System.arraycopy(other.bytes, skip, joined, at, other.bytes.length - skip);
        return new PathBytes(joined);
    }

    public PathBytes resolve(String other) {
        return resolve(of(other));
    }

    /// The names between the slashes, without empty ones and `.`; `..` stays.
    public List<PathBytes> components() {
        var components = new ArrayList<PathBytes>();
        int start = 0;
        for (int i = 0; i <= bytes.length; i++) {
            if (i == bytes.length || bytes[i] == SLASH) {
                boolean dot = i - start == 1 && bytes[start] == '.';
                if (i > start && !dot) {
                    components.add(new PathBytes(Arrays.copyOfRange(bytes, start, i)));
                }
                start = i + 1;
            }
        }
        return List.copyOf(components);
    }

    /// The relative path of these components, `.` if there are none.
    public static PathBytes join(List<PathBytes> components) {
        if (components.isEmpty()) {
            return of(".");
        }
        var joined = new ByteArrayOutputStream();
        for (PathBytes component : components) {
            if (joined.size() > 0) {
                joined.write(SLASH);
            }
            joined.writeBytes(component.bytes);
        }
        return new PathBytes(joined.toByteArray());
    }

    /// True if it is exactly this ASCII or UTF-8 text.
    public boolean is(String text) {
        return Arrays.equals(bytes, text.getBytes(StandardCharsets.UTF_8));
    }

    public boolean startsWith(String prefix) {
        byte[] p = prefix.getBytes(StandardCharsets.UTF_8);
        return bytes.length >= p.length && Arrays.equals(bytes, 0, p.length, p, 0, p.length);
    }

    /// Bytewise and unsigned, as `memcmp` and Go's string order.
    @Override
    public int compareTo(PathBytes other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PathBytes path && Arrays.equals(bytes, path.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// As text; bytes that are no UTF-8 as in [RawText].
    @Override
    public String toString() {
        return RawText.decode(bytes);
    }
}
