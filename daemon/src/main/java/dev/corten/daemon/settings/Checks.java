package dev.corten.daemon.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import java.util.regex.Pattern;

/// What elements of lists must look like, with dockerd's complaints.
final class Checks {
    private static final Set<String> PROTOCOLS = Set.of("tcp", "unix", "npipe", "fd");
    private static final Pattern DOMAIN =
            Pattern.compile(
                    "(:?(:?[a-zA-Z0-9]|(:?[a-zA-Z0-9][a-zA-Z0-9\\-]*[a-zA-Z0-9]))"
                            + "(:?\\.(:?[a-zA-Z0-9]|(:?[a-zA-Z0-9][a-zA-Z0-9\\-]*[a-zA-Z0-9])))*)"
                            + "\\.?\\s*");

    private Checks() {}

    static void host(String host) throws BadValue {
        int scheme = host.indexOf("://");
        if (scheme >= 0 && !PROTOCOLS.contains(host.substring(0, scheme))) {
            throw new BadValue(
                    "invalid bind address ("
                            + host
                            + "): unsupported proto '"
                            + host.substring(0, scheme)
                            + "'");
        }
    }

    static void label(String label) throws BadValue {
        int equals = label.indexOf('=');
        if (equals < 0) {
            throw new BadValue("bad attribute format: " + label);
        }
    }

    static void dns(String address) throws BadValue {
        if (!ScalarTypes.isAddress(address)) {
            throw new BadValue("invalid string being converted to IP address: " + address);
        }
    }

    static void gateway(String address) throws BadValue {
        if (!ScalarTypes.isAddress(address)) {
            throw new BadValue("ParseAddr(\"" + address + "\"): unable to parse IP");
        }
    }

    static void dnsSearch(String domain) throws BadValue {
        String stripped = domain.strip();
        if (!stripped.equals(".") && !DOMAIN.matcher(stripped).matches()) {
            throw new BadValue(domain + " is not a valid domain");
        }
    }

    static void resource(String resource) throws BadValue {
        if (resource.indexOf('=') < 0) {
            throw new BadValue(
                    "invalid node-generic-resource format `"
                            + resource
                            + "` expected `name=value`");
        }
    }

    static void mirror(String mirror) throws BadValue {
        URI uri;
        try {
            uri = new URI(mirror);
        } catch (URISyntaxException _) {
            throw new BadValue("invalid mirror: \"" + mirror + "\" is not a valid URI");
        }
        String scheme = uri.getScheme();
        if (scheme == null) {
            throw new BadValue(
                    "invalid mirror: no scheme specified for \""
                            + mirror
                            + "\": must use either 'https://' or 'http://'");
        }
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new BadValue(
                    "invalid mirror: unsupported scheme \""
                            + scheme
                            + "\" in \""
                            + mirror
                            + "\": must use either 'https://' or 'http://'");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new BadValue(
                    "invalid mirror: query or fragment at end of the URI \"" + mirror + "\"");
        }
        String user = uri.getRawUserInfo();
        if (user != null) {
            int colon = user.indexOf(':');
            String shown = colon < 0 ? user : user.substring(0, colon) + ":xxxxx";
            throw new BadValue(
                    "invalid mirror: username/password not allowed in URI \""
                            + mirror.replace(user + "@", shown + "@")
                            + "\"");
        }
    }
}
