package dev.corten.network.file;

import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.network.address.Subnet;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// A container's `resolv.conf`, made from the host's as Docker 28 makes it, down to its comments.
///
/// @param sourcePath where the host's was read, named in a comment
/// @param nameservers as written; an IPv6 one may have a zone
/// @param other lines with keywords that are passed on unread
/// @param invalid what was given as a name server but is no address
/// @param overrides which lists the container's own settings have replaced, in Docker's order
/// @param ndotsFrom `host`, `override`, or empty where `ndots` is not set
public record ResolvConf(
        String sourcePath,
        List<String> nameservers,
        List<String> search,
        List<String> options,
        List<String> other,
        List<String> invalid,
        List<String> overrides,
        String ndotsFrom) {
    private static final Path HOST = Path.of("/etc/resolv.conf");

    /// Where systemd-resolved lists the servers that it asks itself.
    private static final Path RESOLVED = Path.of("/run/systemd/resolve/resolv.conf");

    private static final String RESOLVED_STUB = "127.0.0.53";
    private static final List<String> DEFAULT_NAMESERVERS = List.of("8.8.8.8", "8.8.4.4");
    private static final String NDOTS = "ndots";

    /// The host's own, or systemd-resolved's list where the host only has its stub. A host
    /// without the file has empty settings.
    public static ResolvConf ofHost() throws IOException {
        ResolvConf own = read(HOST);
        return own.nameservers.equals(List.of(RESOLVED_STUB)) && Files.exists(RESOLVED)
                ? read(RESOLVED)
                : own;
    }

    private static ResolvConf read(Path path) throws IOException {
        try {
            return parse(path.toString(), Files.readString(path));
        } catch (NoSuchFileException e) {
            return parse(path.toString(), "");
        }
    }

    /// Reads a file's content; of several `search` or `domain` lines the last counts.
    public static ResolvConf parse(String sourcePath, String content) {
        var nameservers = new ArrayList<String>();
        List<String> search = List.of();
        var options = new ArrayList<String>();
        var other = new ArrayList<String>();
        var invalid = new ArrayList<String>();
        for (String line : content.lines().toList()) {
            List<String> words = List.of(line.strip().split("[ \t]+", -1));
            String keyword = words.getFirst();
            if (keyword.isEmpty() || line.startsWith("#") || line.startsWith(";")) {
                continue;
            }
            List<String> values = words.subList(1, words.size());
            switch (keyword) {
                case "nameserver" -> {
                    if (values.size() == 1) {
                        (isAddress(values.getFirst()) ? nameservers : invalid)
                                .add(values.getFirst());
                    }
                }
                case "domain", "search" -> search = values;
                case "options" -> options.addAll(values);
                default -> other.add(line);
            }
        }
        return new ResolvConf(
                sourcePath,
                List.copyOf(nameservers),
                search,
                List.copyOf(options),
                List.copyOf(other),
                List.copyOf(invalid),
                List.of(),
                hasNdots(options) ? "host" : "");
    }

    /// With the container's own settings (`--dns`, `--dns-search`, `--dns-option`) in the place of
    /// the host's; an empty list leaves the host's. The search domain `.` stands for none.
    ///
    /// @throws Internal in the words of Docker's Go if a server is no address
    public ResolvConf override(
            List<String> ownServers, List<String> ownSearch, List<String> ownOptions) {
        for (String server : ownServers) {
            if (!isAddress(server)) {
                throw new Internal(
                        "bad nameserver address "
                                + server
                                + ": ParseAddr(\""
                                + server
                                + "\"): unable to parse IP");
            }
        }
        var replaced = new ArrayList<String>();
        if (!ownServers.isEmpty()) {
            replaced.add("nameservers");
        }
        if (!ownSearch.isEmpty()) {
            replaced.add("search");
        }
        if (!ownOptions.isEmpty()) {
            replaced.add("options");
        }
        return new ResolvConf(
                sourcePath,
                ownServers.isEmpty() ? nameservers : ownServers,
                ownSearch.isEmpty()
                        ? search
                        : ownSearch.stream().filter(domain -> !domain.equals(".")).toList(),
                ownOptions.isEmpty() ? options : ownOptions,
                other,
                invalid,
                replaced,
                ownOptions.isEmpty() ? ndotsFrom : hasNdots(ownOptions) ? "override" : "");
    }

    /// The file for a container on the default bridge, which asks the servers itself: those on the
    /// host's loopback and those with IPv6 addresses are left out, and if none is left, Google's
    /// take their place.
    public String forDefaultBridge() {
        boolean own = overrides.contains("nameservers");
        List<String> servers =
                own ? nameservers : nameservers.stream().filter(ResolvConf::reachable).toList();
        boolean defaults = !own && servers.isEmpty();
        return generate(defaults ? DEFAULT_NAMESERVERS : servers, " (legacy)", defaults);
    }

    /// The file for a container on the host's network.
    public String forHostNetwork() {
        return generate(nameservers, "", false);
    }

    private String generate(List<String> servers, String transform, boolean defaults) {
        var text = new StringBuilder();
        text.append(
                """
                # Generated by Docker Engine.
                # This file can be edited; Docker Engine will not make further changes once it
                # has been modified.

                """);
        servers.forEach(server -> line(text, "nameserver " + server));
        if (!search.isEmpty()) {
            line(text, "search " + String.join(" ", search));
        }
        if (!options.isEmpty()) {
            line(text, "options " + String.join(" ", options));
        }
        other.forEach(one -> line(text, one));
        line(text, "");
        line(text, "# Based on host file: '" + sourcePath + "'" + transform);
        if (defaults) {
            line(text, "# Used default nameservers.");
        }
        if (!invalid.isEmpty()) {
            line(text, "# Invalid nameservers: " + list(invalid));
        }
        line(text, "# Overrides: " + list(overrides));
        if (!ndotsFrom.isEmpty()) {
            line(text, "# Option ndots from: " + ndotsFrom);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }

    /// A slice as Go prints it.
    private static String list(List<String> words) {
        return words.stream().collect(Collectors.joining(" ", "[", "]"));
    }

    private static boolean hasNdots(List<String> options) {
        return options.stream()
                .anyMatch(option -> option.equals(NDOTS) || option.startsWith(NDOTS + ":"));
    }

    private static boolean reachable(String server) {
        InetAddress address = address(server);
        return address instanceof Inet4Address && !address.isLoopbackAddress();
    }

    private static boolean isAddress(String text) {
        try {
            address(text);
            return true;
        } catch (InvalidParameter e) {
            return false;
        }
    }

    private static InetAddress address(String text) {
        int zone = text.indexOf('%');
        return Subnet.parseAddress(zone < 0 ? text : text.substring(0, zone));
    }
}
