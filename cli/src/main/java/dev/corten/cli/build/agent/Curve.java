package dev.corten.cli.build.agent;

import java.util.Optional;

/// The curves of ECDSA keys in SSH (RFC 5656).
enum Curve {
    P256("nistp256", "secp256r1", "SHA256", "2a8648ce3d030107"),
    P384("nistp384", "secp384r1", "SHA384", "2b81040022"),
    P521("nistp521", "secp521r1", "SHA512", "2b81040023");

    private final String name;
    private final String standard;
    private final String hash;
    private final String identifier;

    Curve(String name, String standard, String hash, String identifier) {
        this.name = name;
        this.standard = standard;
        this.hash = hash;
        this.identifier = identifier;
    }

    static Optional<Curve> named(String name) {
        return java.util.Arrays.stream(values()).filter(c -> c.name.equals(name)).findFirst();
    }

    /// @param object the bytes of an object identifier in DER, as hexadecimal digits
    static Optional<Curve> identified(String object) {
        return java.util.Arrays.stream(values())
                .filter(c -> c.identifier.equals(object))
                .findFirst();
    }

    /// What SSH calls it.
    String ssh() {
        return name;
    }

    /// What Java calls it.
    String standard() {
        return standard;
    }

    /// Whose result is two numbers of the same length.
    String signature() {
        return hash + "withECDSAinP1363Format";
    }
}
