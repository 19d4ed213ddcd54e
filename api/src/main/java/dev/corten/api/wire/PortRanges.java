package dev.corten.api.wire;

import dev.corten.model.Internal;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// Ports as filters name them: `80`, `80/udp`, `8000-8080/tcp`.
final class PortRanges {
    private static final int MAX_PORT = 65535;

    private PortRanges() {}

    /// All ports of some ranges, as `80/tcp`.
    ///
    /// @throws Internal in Docker's words if one is no range: Docker takes that for a failure of its
    ///     own
    static Set<String> of(String key, Collection<String> ranges) {
        var ports = new HashSet<String>();
        for (String range : ranges) {
            if (range.contains(":")) {
                throw new Internal("filter for '" + key + "' should not contain ':': " + range);
            }
            String[] parts = range.split("/", -1);
            String protocol = parts.length == 1 || parts[1].isEmpty() ? "tcp" : parts[1];
            String problem = "error while looking up for " + key + " " + range + ": ";
            String[] ends = parts[0].split("-", -1);
            if (parts[0].isEmpty()) {
                throw new Internal(problem + "Empty string specified for ports.");
            }
            int first = port(ends[0], problem);
            int last = ends.length == 1 ? first : port(ends[1], problem);
            if (last < first) {
                throw new Internal(problem + "Invalid range specified for the Port: " + parts[0]);
            }
            for (int port = first; port <= last; port++) {
                ports.add(port + "/" + protocol);
            }
        }
        return ports;
    }

    private static int port(String text, String problem) {
        String parsing = problem + "strconv.ParseUint: parsing \"" + text + "\": ";
        if (!text.matches("[0-9]+")) {
            throw new Internal(parsing + "invalid syntax");
        }
        if (text.length() > 5 || Integer.parseInt(text) > MAX_PORT) {
            throw new Internal(parsing + "value out of range");
        }
        return Integer.parseInt(text);
    }
}
