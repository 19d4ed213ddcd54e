package dev.corten.runtime.command;

import dev.corten.model.ContainerId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The engine's IDs are 64 hexadecimal digits, those of an OCI runtime any name.
final class ContainerIds {
    private ContainerIds() {}

    /// The name itself, if it is such an ID, else one that is made from it.
    static ContainerId of(String name) {
        if (name.matches("[0-9a-f]{64}")) {
            return new ContainerId(name);
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(name.getBytes(StandardCharsets.UTF_8));
            return new ContainerId(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
