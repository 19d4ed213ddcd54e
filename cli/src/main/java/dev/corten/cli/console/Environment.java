package dev.corten.cli.console;

import dev.corten.model.RawText;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// The variables of the caller, byte-exact.
///
/// @param variables in the form of [RawText]
/// @param program under which name it was called
public record Environment(Map<String, String> variables, String program) {
    static final String CORTEN = "corten";

    /// The name under which it stands in for Docker's command line.
    public static final String DOCKER = "docker";

    /// The launcher starts the JVM with these changed and hands the caller's values over.
    private static final String[] TAKEN_BY_THE_LAUNCHER = {
        "LC_ALL", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"
    };

    public Environment(Map<String, String> variables) {
        this(variables, CORTEN);
    }

    /// The environment of this process, from /proc: what [System#getenv] gives has lost the bytes
    /// that are not in the locale's character set.
    public static Environment ofProcess() throws IOException {
        byte[] raw;
        try (var in = new FileInputStream("/proc/self/environ")) {
            raw = in.readAllBytes();
        }
        var variables = new LinkedHashMap<String, String>();
        int start = 0;
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] == 0) {
                String variable = RawText.decode(java.util.Arrays.copyOfRange(raw, start, i));
                int equals = variable.indexOf('=');
                if (equals > 0) {
                    variables.putIfAbsent(
                            variable.substring(0, equals), variable.substring(equals + 1));
                }
                start = i + 1;
            }
        }
        if (System.getProperty("corten.lib") != null) {
            for (String name : TAKEN_BY_THE_LAUNCHER) {
                String callers = System.getProperty("corten.caller." + name);
                if (callers == null) {
                    variables.remove(name);
                } else {
                    variables.put(name, callers);
                }
            }
        }
        boolean docker = System.getProperty("corten.program", CORTEN).equals(DOCKER);
        return new Environment(variables, docker ? DOCKER : CORTEN);
    }

    /// The value, or empty if it is unset.
    public String get(String name) {
        return variables.getOrDefault(name, "");
    }

    /// The value of the first of these that is not empty.
    public String first(String... names) {
        for (String name : names) {
            if (!get(name).isEmpty()) {
                return get(name);
            }
        }
        return "";
    }
}
