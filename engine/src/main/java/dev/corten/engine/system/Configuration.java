package dev.corten.engine.system;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What the daemon's settings say that clients hear of by `info`, as it is at one moment.
///
/// @param labels `key=value`
/// @param genericResources `name=value`
/// @param insecureRegistries names, and networks like `10.0.0.0/8`
/// @param registryMirrors addresses
/// @param runtimes programs by name
/// @param appArmor whether containers are confined by it
/// @param seccompProfile `builtin`, `unconfined`, or a path
/// @param cgroupNamespaces whether containers have one of their own by default
/// @param warnings about what was set, in Docker's words
public record Configuration(
        boolean debug,
        boolean experimental,
        boolean liveRestore,
        List<String> labels,
        List<String> genericResources,
        List<String> insecureRegistries,
        List<String> registryMirrors,
        Proxies proxies,
        SortedMap<String, String> runtimes,
        String defaultRuntime,
        String loggingDriver,
        boolean appArmor,
        String seccompProfile,
        boolean noNewPrivileges,
        boolean cgroupNamespaces,
        List<AddressPool> addressPools,
        List<String> cdiSpecDirs,
        List<String> warnings) {
    private static final String PROGRAM = "corten-runtime";

    /// The settings of a daemon that was told nothing.
    public static final Configuration STANDARD =
            new Configuration(
                    false,
                    false,
                    true,
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    new Proxies("", "", ""),
                    runtimes(Map.of()),
                    "corten",
                    "json-file",
                    false,
                    "builtin",
                    false,
                    false,
                    List.of(),
                    List.of(),
                    List.of());

    public Configuration {
        labels = List.copyOf(labels);
        genericResources = List.copyOf(genericResources);
        insecureRegistries = List.copyOf(insecureRegistries);
        registryMirrors = List.copyOf(registryMirrors);
        runtimes = new TreeMap<>(runtimes);
        addressPools = List.copyOf(addressPools);
        cdiSpecDirs = List.copyOf(cdiSpecDirs);
        warnings = List.copyOf(warnings);
    }

    /// The way out to the world; texts may be empty.
    public record Proxies(String http, String https, String none) {}

    /// @param base as `10.0.0.0/8`
    /// @param size the prefix length of a subnet
    public record AddressPool(String base, int size) {}

    /// Our own runtime under the names that clients know, and others beside it.
    public static SortedMap<String, String> runtimes(Map<String, String> others) {
        var all = new TreeMap<String, String>(others);
        for (String name : List.of("corten", "io.containerd.runc.v2", "runc")) {
            all.put(name, PROGRAM);
        }
        return all;
    }
}
