package dev.corten.model;

/// Operating system and architecture of an image in the words of the OCI image specification
/// (Go's): `linux/amd64`, `linux/arm64/v8`.
///
/// @param variant the CPU's variant, `""` if there is none
public record Platform(String os, String architecture, String variant) {
    /// The platform that this JVM runs on.
    public static Platform host() {
        String arch = System.getProperty("os.arch");
        return new Platform(
                "linux",
                switch (arch) {
                    case "amd64", "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    default -> arch;
                },
                "");
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
