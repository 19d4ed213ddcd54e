package dev.corten.model;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Operating system and architecture of an image in the words of the OCI image specification
/// (Go's): `linux/amd64`, `linux/arm64/v8`.
///
/// @param variant the CPU's variant, `""` if there is none
public record Platform(String os, String architecture, String variant) {
    private static final Pattern COMPONENT = Pattern.compile("^[A-Za-z0-9_.-]+$");

    /// As Docker shows it.
    private static final String OS_PATTERN =
            "^([A-Za-z0-9_-]+)(?:\\\\(([A-Za-z0-9_.%-]*)((?:\\\\+[A-Za-z0-9_.%-]+)*)\\\\))?$";

    private static final String INVALID = "\" is an invalid component of \"";
    private static final Set<String> SYSTEMS =
            Set.of("windows", "darwin", "macos", "freebsd", "netbsd", "openbsd", "solaris");

    /// What may stand alone.
    private static final Set<String> ARCHITECTURES =
            Set.of(
                    "386",
                    "amd64",
                    "arm",
                    "arm64",
                    "loong64",
                    "mips",
                    "mipsle",
                    "mips64",
                    "mips64le",
                    "ppc64",
                    "ppc64le",
                    "riscv64",
                    "s390x",
                    "sparc64",
                    "wasm",
                    "x86_64",
                    "x86-64",
                    "i386",
                    "aarch64",
                    "armhf",
                    "armel");

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

    /// Reads `OS[/ARCHITECTURE[/VARIANT]]` or an architecture of Linux alone, with the names that
    /// others give to architectures.
    ///
    /// @throws InvalidParameter in Docker's words
    public static Platform parse(String text) {
        String[] parts = text.toLowerCase(Locale.ROOT).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            if (!COMPONENT.matcher(parts[i]).matches()) {
                throw new InvalidParameter(
                        "\""
                                + parts[i]
                                + (i == 0 ? "\" is an invalid OS component of \"" : INVALID)
                                + text
                                + (i == 0
                                        ? "\": OSAndVersion specifier component must match \""
                                                + OS_PATTERN
                                        : "\": platform specifier component must match \""
                                                + COMPONENT)
                                + "\": invalid argument");
            }
        }
        return switch (parts.length) {
            case 1 ->
                    parts[0].equals("linux")
                            ? host()
                            : SYSTEMS.contains(parts[0])
                                    ? new Platform(parts[0], host().architecture, "")
                                    : of("linux", known(parts[0], text), "");
            case 2 -> of(parts[0], parts[1], "");
            case 3 -> of(parts[0], parts[1], parts[2]);
            default ->
                    throw new InvalidParameter(
                            "\"" + text + "\": cannot parse platform specifier: invalid argument");
        };
    }

    private static String known(String architecture, String text) {
        if (!ARCHITECTURES.contains(architecture)) {
            throw new InvalidParameter(
                    "\"" + text + "\": unknown operating system or architecture: invalid argument");
        }
        return architecture;
    }

    private static Platform of(String os, String architecture, String variant) {
        String system = os.equals("macos") ? "darwin" : os;
        return switch (architecture) {
            case "x86_64", "x86-64" -> new Platform(system, "amd64", variant);
            case "i386" -> new Platform(system, "386", "");
            case "aarch64", "arm64" ->
                    new Platform(system, "arm64", variant.equals("8") ? "v8" : variant);
            case "armhf" -> new Platform(system, "arm", "v7");
            case "armel" -> new Platform(system, "arm", "v6");
            default -> new Platform(system, architecture, variant);
        };
    }

    /// Whether somebody who asks for this platform is served by that one. A variant counts only where
    /// it is asked for, and the usual one goes without saying.
    public boolean covers(Platform other) {
        return os.equals(other.os)
                && architecture.equals(other.architecture)
                && (variant.isEmpty()
                        || variant.equals(other.variant)
                        || (variant.equals(usualVariant()) && other.variant.isEmpty()));
    }

    private String usualVariant() {
        return switch (architecture) {
            case "arm64" -> "v8";
            case "arm" -> "v7";
            default -> "";
        };
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
