package dev.corten.cli.option;

import dev.corten.cli.failure.Refusal;

/// The platforms that `--platform` means: `linux/arm64/v8`, and what is short for it.
public final class Platforms {
    private Platforms() {}

    /// This machine's, in Go's words.
    public static String architecture() {
        String name = System.getProperty("os.arch", "");
        return name.equals("aarch64") ? "arm64" : name;
    }

    /// `os/architecture[/variant]` as Docker sends it.
    ///
    /// @throws Refusal in Docker's words
    public static String normalize(String text) {
        if (text.isEmpty()) {
            return "";
        }
        String[] parts = text.split("/", -1);
        for (String part : parts) {
            if (!isComponent(part)) {
                throw new Refusal(
                        "error parsing specified platform: \""
                                + part
                                + "\" is an invalid component of \""
                                + text
                                + "\": platform specifier component must match"
                                + " \"^[A-Za-z0-9_.-]+$\": invalid argument");
            }
        }
        if (parts.length > 3) {
            throw refused(text, "cannot parse platform specifier: invalid argument");
        }
        String first = parts[0].toLowerCase(java.util.Locale.ROOT);
        if (parts.length == 1) {
            if (isSystem(first)) {
                return first + "/" + architecture();
            }
            String architecture = architecture(first, "");
            if (architecture.isEmpty()) {
                throw refused(text, "unknown operating system or architecture: invalid argument");
            }
            return "linux/" + architecture;
        }
        String given = parts[1].toLowerCase(java.util.Locale.ROOT);
        String variant = parts.length == 3 ? parts[2].toLowerCase(java.util.Locale.ROOT) : "";
        String known = architecture(given, variant);
        String system = first.equals("macos") ? "darwin" : first;
        if (!known.isEmpty()) {
            return system + "/" + known;
        }
        return system + "/" + given + (variant.isEmpty() ? "" : "/" + variant);
    }

    private static Refusal refused(String text, String why) {
        return new Refusal("error parsing specified platform: \"" + text + "\": " + why);
    }

    private static boolean isComponent(String text) {
        boolean valid = !text.isEmpty();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            valid &= letter || (c >= '0' && c <= '9') || "_.-".indexOf(c) >= 0;
        }
        return valid;
    }

    private static boolean isSystem(String text) {
        return switch (text) {
            case "linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "solaris" -> true;
            default -> false;
        };
    }

    /// With its variant in the usual form; empty if it is unknown.
    private static String architecture(String text, String variant) {
        return switch (text) {
            case "amd64", "x86_64", "x86-64" ->
                    "amd64" + (variant.isEmpty() || variant.equals("v1") ? "" : "/" + variant);
            case "386", "i386" -> "386";
            case "arm64", "aarch64" -> {
                boolean usual = variant.isEmpty() || variant.equals("8") || variant.equals("v8");
                yield "arm64" + (usual ? "" : "/" + variant);
            }
            case "arm" ->
                    switch (variant) {
                        case "", "7", "v7" -> "arm/v7";
                        case "5", "6", "8" -> "arm/v" + variant;
                        default -> "arm/" + variant;
                    };
            case "armhf" -> "arm/v7";
            case "armel" -> "arm/v6";
            case "ppc64le", "s390x", "riscv64", "mips64", "mips64le", "loong64" ->
                    text + (variant.isEmpty() ? "" : "/" + variant);
            default -> "";
        };
    }
}
