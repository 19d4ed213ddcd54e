package dev.corten.network.file;

import dev.corten.model.InvalidParameter;
import dev.corten.network.address.IpText;
import dev.corten.network.address.Subnet;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A container's `hosts` and `hostname` files as Docker 28 writes them.
public final class HostsFile {
    private static final String HEAD =
            """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;

    private static final String HOST_GATEWAY = "host-gateway";

    private HostsFile() {}

    /// A line of the file; the address is as written, since Java spells IPv6 out.
    public record Entry(String address, String names) {}

    /// The content of `hosts`.
    ///
    /// @param extra come before the container's own line
    /// @param own the container's address; empty without a network of its own
    /// @param domain empty for none
    public static String hosts(
            List<Entry> extra, Optional<InetAddress> own, String hostname, String domain) {
        var text = new StringBuilder(HEAD);
        extra.forEach(entry -> line(text, entry.address(), entry.names()));
        own.ifPresent(address -> line(text, IpText.of(address), names(hostname, domain)));
        return text.toString();
    }

    /// The full name and the bare one, wherever the domain was given.
    private static String names(String hostname, String domain) {
        String full = domain.isEmpty() ? hostname : hostname + "." + domain;
        int dot = full.indexOf('.');
        return dot < 0 ? full : full + " " + full.substring(0, dot);
    }

    private static void line(StringBuilder text, String address, String names) {
        text.append(address).append('\t').append(names).append('\n');
    }

    /// A `hosts` file in which lines that begin with this name have another address.
    public static String moved(String hosts, String name, InetAddress to) {
        return edited(hosts, name, line -> IpText.of(to) + line.substring(line.indexOf('\t')));
    }

    /// A `hosts` file without the lines that begin with this name.
    public static String without(String hosts, String name) {
        return edited(hosts, name, _ -> "");
    }

    private static String edited(String hosts, String name, UnaryOperator<String> change) {
        var text = new StringBuilder();
        int start = 0;
        while (start < hosts.length()) {
            int newline = hosts.indexOf('\n', start);
            int next = newline < 0 ? hosts.length() : newline + 1;
            String line = hosts.substring(start, next);
            text.append(isOf(name, line) ? change.apply(line) : line);
            start = next;
        }
        return text.toString();
    }

    private static boolean isOf(String name, String line) {
        int tab = line.indexOf('\t');
        int end = tab + 1 + name.length();
        return tab >= 0
                && line.startsWith(name, tab + 1)
                && end < line.length()
                && isEnd(line.charAt(end));
    }

    private static boolean isEnd(char c) {
        return Character.isWhitespace(c) || c == '.';
    }

    /// The content of `hostname`.
    public static String hostname(String hostname) {
        return hostname + "\n";
    }

    /// Checks an element of `ExtraHosts`, `name:address`.
    ///
    /// @throws InvalidParameter in Docker's words if it is something else
    public static void check(String extra) {
        parseExtra(extra, List.of());
    }

    /// Reads an element of `ExtraHosts`, `name:address`.
    ///
    /// @param gateways what the address `host-gateway` stands for, a line for each
    /// @throws InvalidParameter in Docker's words if it is something else
    public static List<Entry> parseExtra(String text, List<InetAddress> gateways) {
        int at = text.indexOf(':');
        if (at <= 0) {
            throw new InvalidParameter("bad format for add-host: \"" + text + "\"");
        }
        String name = text.substring(0, at);
        String address = text.substring(at + 1);
        if (address.equals(HOST_GATEWAY)) {
            return gateways.stream().map(ip -> new Entry(IpText.of(ip), name)).toList();
        }
        try {
            Subnet.parseAddress(address);
            return List.of(new Entry(address, name));
        } catch (InvalidParameter e) {
            throw new InvalidParameter("invalid IP address in add-host: \"" + address + "\"", e);
        }
    }
}
