package dev.corten.network;

import dev.corten.model.InvalidParameter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a container wants of its interface, by driver options of its endpoint.
///
/// @param name instead of `eth0`
/// @param sysctls kernel parameters with `IFNAME` in the place of the interface's name, as paths
///     below `/proc/sys`, and their values
public record InterfaceOptions(Optional<String> name, Map<String, String> sysctls) {
    public static final InterfaceOptions NONE = new InterfaceOptions(Optional.empty(), Map.of());

    private static final String NAME = "com.docker.network.endpoint.ifname";
    private static final String SYSCTLS = "com.docker.network.endpoint.sysctls";
    private static final String PLACEHOLDER = "IFNAME";
    private static final Pattern SYSCTL =
            Pattern.compile(
                    "(net\\.(?:ipv4|ipv6|mpls)\\.[^.=]+\\." + PLACEHOLDER + "\\.[^.=]+)=(.+)");

    /// Reads what is known of an endpoint's driver options; others are for other drivers.
    ///
    /// @throws InvalidParameter in Docker's words for a parameter that is not an interface's
    public static InterfaceOptions parse(Map<String, String> driverOptions) {
        String name = driverOptions.getOrDefault(NAME, "");
        var sysctls = new LinkedHashMap<String, String>();
        String given = driverOptions.getOrDefault(SYSCTLS, "");
        if (!given.isEmpty()) {
            for (String one : given.split(",", -1)) {
                Matcher parts = SYSCTL.matcher(one);
                if (!parts.matches()) {
                    throw new InvalidParameter(
                            "unrecognised network interface sysctl '"
                                    + one
                                    + "'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V',"
                                    + " 'X' must be 'ipv4', 'ipv6' or 'mpls'");
                }
                sysctls.put(parts.group(1).replace('.', '/'), parts.group(2));
            }
        }
        return new InterfaceOptions(name.isEmpty() ? Optional.empty() : Optional.of(name), sysctls);
    }

    /// The parameters of the interface with this name.
    Map<Sysctl, String> sysctlsOf(String interfaceName) {
        var found = new LinkedHashMap<Sysctl, String>();
        sysctls.forEach((path, value) ->
                found.put(new Sysctl(path.replace(PLACEHOLDER, interfaceName)), value));
        return found;
    }
}
