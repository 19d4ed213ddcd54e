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
        allow("build", "store", "archive", "kernel");
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
        allow("api", "engine", "build", "http");
        allow("client", "kernel");
        allow("compose", "client", "archive");
        allow("cli", "client", "compose", "archive", "trust", "kernel");
        allow("daemon", MODULES.keySet().toArray(String[]::new));
    }

    /// Packages of one module that may import each other, as one cannot be understood without the
    /// other.
    static final Set<Set<String>> CIRCLES =
            Set.of(
                    // A descriptor is closed by a call, and calls take descriptors.
                    Set.of("dev.corten.kernel", "dev.corten.kernel.ffi"),
                    // A thread in a mount namespace of its own detaches it from the host's mounts,
                    // and an overlay without `lowerdir+` is mounted in such a namespace.
                    Set.of("dev.corten.kernel.mount", "dev.corten.kernel.namespace"),
                    // The store's root has the layout on disk, and the class that opens it all.
                    Set.of(
                            "dev.corten.store",
                            "dev.corten.store.artifact",
                            "dev.corten.store.content",
                            "dev.corten.store.image",
                            "dev.corten.store.snapshot"));

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
