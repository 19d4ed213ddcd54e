package dev.corten.client;

import dev.corten.model.InvalidParameter;
import java.util.ArrayList;
import java.util.List;

/// `ssh://[user@]host[:port][/path]` in its parts.
///
/// @param user empty for ssh's own choice
/// @param port empty for ssh's own choice
/// @param path of the daemon's socket over there; empty for the usual one
record SshUrl(String user, String host, String port, String path) {
    private static final String SCHEME = "ssh://";

    static SshUrl parse(String url) {
        String rest = url.substring(SCHEME.length());
        if (rest.indexOf('?') >= 0) {
            throw refused(url, "extra query after the host: " + quoted(after(rest, '?')));
        }
        if (rest.indexOf('#') >= 0) {
            throw refused(url, "extra fragment after the host: " + quoted(after(rest, '#')));
        }
        int slash = rest.indexOf('/');
        String path = slash < 0 ? "" : rest.substring(slash);
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        int at = authority.lastIndexOf('@');
        String user = at < 0 ? "" : authority.substring(0, at);
        if (user.indexOf(':') >= 0) {
            throw refused(url, "plain-text password is not supported");
        }
        String address = authority.substring(at + 1);
        int colon = address.lastIndexOf(':');
        boolean hasPort = colon > address.lastIndexOf(']');
        String host = hasPort ? address.substring(0, colon) : address;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty()) {
            throw refused(url, "hostname is empty");
        }
        // They become arguments of ssh, which would take them for options.
        if (host.startsWith("-") || user.startsWith("-")) {
            throw refused(url, "a name must not begin with a dash");
        }
        String port = hasPort ? address.substring(colon + 1) : "";
        for (int i = 0; i < port.length(); i++) {
            if (port.charAt(i) < '0' || port.charAt(i) > '9') {
                throw refused(url, "invalid port " + quoted(port));
            }
        }
        return new SshUrl(user, host, port, path.equals("/") ? "" : path);
    }

    private static String after(String text, char c) {
        return text.substring(text.indexOf(c) + 1);
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }

    private static InvalidParameter refused(String url, String why) {
        return new InvalidParameter("ssh host connection is not valid: " + url + ": " + why);
    }

    List<String> command() {
        var command = new ArrayList<>(List.of("ssh", "-o", "ConnectTimeout=30", "-T"));
        if (!user.isEmpty()) {
            command.addAll(List.of("-l", user));
        }
        if (!port.isEmpty()) {
            command.addAll(List.of("-p", port));
        }
        command.addAll(List.of("--", host));
        String options = path.isEmpty() ? "" : " --host " + shellWord("unix://" + path);
        String corten = "corten" + options + " system dial-stdio";
        String docker = "docker" + options + " system dial-stdio";
        command.add(
                "sh -c "
                        + shellWord(
                                "if command -v corten >/dev/null 2>&1; then exec "
                                        + corten
                                        + "; else exec "
                                        + docker
                                        + "; fi"));
        return command;
    }

    /// One word to a shell.
    private static String shellWord(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
