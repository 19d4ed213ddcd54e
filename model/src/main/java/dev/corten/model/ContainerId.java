package dev.corten.model;

import java.security.SecureRandom;
import java.util.HexFormat;

/// The ID of a container, an exec, a sandbox, an endpoint or a network: 64 lower-case hexadecimal
/// digits.
public record ContainerId(String hex) implements Comparable<ContainerId> {
    private static final SecureRandom RANDOM = new SecureRandom();

    public ContainerId {
        if (hex.length() != 64
                || !hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new InvalidParameter("invalid container ID: " + hex);
        }
    }

    /// A random one whose short form is not all decimal digits, as a host name made only of digits
    /// confuses resolvers.
    public static ContainerId random() {
        byte[] bytes = new byte[32];
        while (true) {
            RANDOM.nextBytes(bytes);
            var id = new ContainerId(HexFormat.of().formatHex(bytes));
            if (!id.shortHex().chars().allMatch(Character::isDigit)) {
                return id;
            }
        }
    }

    /// The first 12 digits, as Docker shows them.
    public String shortHex() {
        return hex.substring(0, 12);
    }

    @Override
    public int compareTo(ContainerId other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
