package dev.corten.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A content digest of the OCI image specification, `sha256:` and 64 hexadecimal digits.
///
/// sha512 is parsed nowhere: no registry in use serves it.
public record Digest(String hex) implements Comparable<Digest> {
    private static final String PREFIX = "sha256:";

    public Digest {
        if (hex.length() != 64 || !isLowerHex(hex)) {
            throw new InvalidParameter("invalid digest: sha256:" + hex);
        }
    }

    /// The inverse of [#toString()].
    ///
    /// @throws InvalidParameter if it is not `sha256:` and 64 lower-case hexadecimal digits
    public static Digest parse(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new InvalidParameter("invalid digest: " + text);
        }
        return new Digest(text.substring(PREFIX.length()));
    }

    public static Digest of(byte[] content) {
        return ofHash(newHash().digest(content));
    }

    /// The digest that a finished [MessageDigest] of [#newHash()] gives.
    public static Digest finish(MessageDigest hash) {
        return ofHash(hash.digest());
    }

    private static Digest ofHash(byte[] hash) {
        return new Digest(HexFormat.of().formatHex(hash));
    }

    /// A fresh SHA-256, for streams (see [java.security.DigestInputStream]).
    public static MessageDigest newHash() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// The first 12 digits, as Docker shows IDs.
    public String shortHex() {
        return hex.substring(0, 12);
    }

    private static boolean isLowerHex(String text) {
        return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }

    @Override
    public int compareTo(Digest other) {
        return hex.compareTo(other.hex);
    }

    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
