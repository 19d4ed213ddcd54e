package dev.corten.cli.build.agent;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/// Writes what RFC 4251 calls data types.
final class SshWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    SshWriter octet(int value) {
        bytes.write(value);
        return this;
    }

    SshWriter number(int value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes.write(value >> shift);
        }
        return this;
    }

    SshWriter string(byte[] value) {
        number(value.length);
        bytes.writeBytes(value);
        return this;
    }

    SshWriter text(String value) {
        return string(value.getBytes(StandardCharsets.UTF_8));
    }

    /// An `mpint`.
    SshWriter integer(BigInteger value) {
        return string(value.signum() == 0 ? new byte[0] : value.toByteArray());
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }
}
