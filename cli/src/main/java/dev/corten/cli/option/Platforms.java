package dev.corten.cli.option;

import dev.corten.cli.failure.Refusal;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;

/// The platforms that `--platform` means: `linux/arm64/v8`, and what is short for it.
public final class Platforms {
    /// As Docker quotes it.
    private static final String SYSTEM_PATTERN =
            "^([A-Za-z0-9_-]+)(?:\\\\(([A-Za-z0-9_.%-]*)((?:\\\\+[A-Za-z0-9_.%-]+)*)\\\\))?$";

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
        try {
            return parse(text);
        } catch (Refusal e) {
            throw new Refusal("error parsing specified platform: " + e.message());
        }
    }

    private static String parse(String text) {
        if (text.isEmpty()) {
            return "";
        }
        String[] parts = text.split("/", -1);
        if (parts.length > 3) {
            throw refused(text, "cannot parse platform specifier: invalid argument");
        }
        for (String part : parts) {
            if (!isComponent(part)) {
                boolean system = parts.length == 1;
                throw new Refusal(
                        "\""
                                + part
                                + "\" is an invalid "
                                + (system ? "OS " : "")
                                + "component of \""
                                + text
                                + "\": "
                                + (system ? "OSAndVersion" : "platform")
                                + " specifier component must match \""
                                + (system ? SYSTEM_PATTERN : "^[A-Za-z0-9_.-]+$")
                                + "\": invalid argument");
            }
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

    /// A platform as the API has it in JSON, as `os/architecture[/variant]`.
    public static String text(Json platform) {
        String variant = platform.get("variant").text("");
        String os = platform.get("os").text("");
        String architecture = platform.get("architecture").text("");
        return (os.isEmpty() ? "unknown" : os)
                + "/"
                + architecture
                + (variant.isEmpty() ? "" : "/" + variant);
    }

    /// A platform as the API takes it in JSON where it takes one so.
    ///
    /// @throws Refusal in Docker's words, without what they begin with
    public static String json(String text) {
        String[] parts = parse(text).split("/");
        var json = new JsonWriter().object();
        if (parts.length > 1) {
            json.name("architecture").value(parts[1]);
        }
        json.name("os").value(parts[0]);
        boolean named = text.indexOf('/') != text.lastIndexOf('/');
        if (parts.length > 2) {
            json.name("variant").value(parts[2]);
        } else if (named && parts[1].equals("arm64")) {
            json.name("variant").value("v8");
        }
        return json.end().toString();
    }

    /// Adds a query parameter with the platform that an option says, if it says one.
    ///
    /// @throws Refusal in Docker's words
    public static void ask(Request request, String parameter, String text) {
        if (text.isEmpty()) {
            return;
        }
        try {
            request.query(parameter, json(text));
        } catch (Refusal e) {
            throw new Refusal("invalid platform: " + e.message());
        }
    }

    private static Refusal refused(String text, String why) {
        return new Refusal("\"" + text + "\": " + why);
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
