package dev.corten.cli.build.agent;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Reads what RFC 4251 calls data types.
final class SshReader {
    private final ByteBuffer bytes;

    /// It ends too early, or says that it is longer than it is.
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    SshReader(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    int number() throws Malformed {
        try {
            return bytes.getInt();
        } catch (BufferUnderflowException e) {
            throw new Malformed("unexpected end");
        }
    }

    byte[] string() throws Malformed {
        int length = number();
        if (length < 0 || length > bytes.remaining()) {
            throw new Malformed("unexpected end");
        }
        byte[] string = new byte[length];
        bytes.get(string);
        return string;
    }

    String text() throws Malformed {
        return new String(string(), StandardCharsets.UTF_8);
    }

    /// An `mpint` that cannot be negative.
    BigInteger positive() throws Malformed {
        return new BigInteger(1, string());
    }
}
