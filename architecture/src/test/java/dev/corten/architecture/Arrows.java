package dev.corten.architecture;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Who may import whom, module by module. `model` is open to all. The same table, with a sentence
/// for each module, is in `ARCHITECTURE.md`.
final class Arrows {
    private static final Map<String, Set<String>> MODULES = new LinkedHashMap<>();

    static {
        allow("model");
        allow("kernel");
        allow("archive", "kernel");
        allow("store", "archive", "kernel");
        allow("trust");
        // For descriptors: a client's socket is handed on to a monitor.
        allow("http", "kernel");
        allow("registry", "store", "archive", "trust", "http");
        allow("runtime", "kernel");
        allow("network", "kernel");
        allow("build", "store", "archive");
        allow(
                "engine",
                "store",
                "registry",
                "trust",
                "runtime",
                "network",
                "build",
                "archive",
                "kernel");
        allow("api", "engine", "http");
        allow("client", "kernel");
        allow("compose", "client", "archive");
        allow("cli", "client", "compose", "archive", "trust", "kernel");
        allow("daemon", MODULES.keySet().toArray(String[]::new));
    }

    /// Libraries that stay where they are: a package prefix, and the modules that may import it.
    static final Map<String, Set<String>> LIBRARIES =
            Map.of(
                    "io.netty", Set.of("http", "network"),
                    "tools.jackson.databind",
                            Set.of("store", "registry", "engine", "api", "daemon"),
                    "com.fasterxml.jackson", Set.of("store", "registry", "engine", "api", "daemon"),
                    "tools.jackson.core",
                            Set.of(
                                    "store",
                                    "registry",
                                    "runtime",
                                    "engine",
                                    "api",
                                    "daemon",
                                    "client",
                                    "compose",
                                    "cli"),
                    "com.github.luben.zstd", Set.of("archive", "build"),
                    "org.bouncycastle", Set.of("trust", "registry"),
                    "java.net.http", Set.of("registry", "network"));

    private Arrows() {}

    private static void allow(String module, String... others) {
        var allowed = new TreeSet<>(Arrays.asList(others));
        allowed.add("model");
        allowed.add(module);
        MODULES.put(module, allowed);
    }

    static boolean known(String module) {
        return MODULES.containsKey(module);
    }

    static boolean allowed(String from, String to) {
        return MODULES.get(from).contains(to);
    }

    static Set<String> from(String module) {
        return MODULES.get(module);
    }
}
