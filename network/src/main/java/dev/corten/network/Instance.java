package dev.corten.network;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// Which engine on this host: what it makes carries names of its own, so that several run side by
/// side and each touches only its own.
///
/// @param tag empty for the default instance, otherwise eight hexadecimal digits
public record Instance(String tag) {
    /// The engine with the default data root.
    public static final Instance DEFAULT = new Instance("");

    /// How the bridges of all instances begin; the firewall of one lets those of others pass.
    static final String BRIDGE_PREFIX = "corten";

    private static final Path DEFAULT_DATA_ROOT = Path.of("/var/lib/corten");

    public Instance {
        if (!tag.matches("|[0-9a-f]{8}")) {
            throw new IllegalArgumentException("instance tag \"" + tag + "\"");
        }
    }

    /// The instance whose state is in this directory.
    public static Instance of(Path dataRoot) {
        Path root = dataRoot.toAbsolutePath().normalize();
        if (root.equals(DEFAULT_DATA_ROOT)) {
            return DEFAULT;
        }
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(root.toString().getBytes(StandardCharsets.UTF_8));
            return new Instance(HexFormat.of().formatHex(hash, 0, 4));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// The default bridge: `corten0`, or `corten` and the tag (14 of at most 15 characters).
    public String bridge() {
        return tag.isEmpty() ? BRIDGE_PREFIX + "0" : BRIDGE_PREFIX + tag;
    }

    /// The nftables table of family `inet`: `corten`, or `corten-` and the tag.
    public String table() {
        return tag.isEmpty() ? "corten" : "corten-" + tag;
    }
}
