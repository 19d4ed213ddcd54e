package dev.corten.cli.option;

import dev.corten.cli.failure.Refusal;
import dev.corten.client.JsonWriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The values of `--publish` and `--expose`: `[[ip:]host:]container[/protocol]`, with ranges. What
/// is taken and what is refused, and how, is Docker's to the letter.
public final class PortSpecs {
    private static final int MAX_PORT = 65535;

    private record Binding(String ip, String port) {}

    private record Range(int first, int last) {
        int length() {
            return last - first;
        }
    }

    /// Go's word on why a number is none.
    private static final class NoPort extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NoPort(String message) {
            super(message, null, false, false);
        }
    }

    private final TreeMap<String, List<Binding>> bindings = new TreeMap<>();
    private final TreeMap<String, Boolean> exposed = new TreeMap<>();

    /// @throws Refusal in Docker's words
    public void publish(String given) {
        String spec = given.indexOf('=') < 0 ? given : shortForm(given);
        String[] parts = spec.split(":", -1);
        int count = parts.length;
        String container = parts[count - 1];
        String host = count > 1 ? parts[count - 2] : "";
        String ip =
                count > 2
                        ? spec.substring(0, spec.length() - container.length() - host.length() - 2)
                        : "";
        publish(spec, ip, host, port(container), protocol(container));
    }

    /// `published=80,target=8080` as `80:8080/tcp`; other words are left unread.
    private static String shortForm(String given) {
        Map<String, String> words = new HashMap<>();
        for (String word : given.split(",", -1)) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                throw new Refusal(
                        "invalid publish opts format (should be name=value but got '"
                                + word
                                + "')");
            }
            words.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return words.getOrDefault("published", "")
                + ":"
                + words.getOrDefault("target", "")
                + "/"
                + words.getOrDefault("protocol", "tcp");
    }

    private static String port(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? text : text.substring(0, slash);
    }

    private static String protocol(String text) {
        String[] parts = text.split("/", -1);
        return parts.length == 1 || parts[1].isEmpty() ? "tcp" : parts[1];
    }

    private void publish(
            String spec, String givenIp, String host, String container, String givenProtocol) {
        String ip = address(givenIp);
        if (container.isEmpty()) {
            throw new Refusal("no port specified: " + spec + "<empty>");
        }
        Range ports = range(container, "invalid containerPort: " + container);
        Range hostPorts = host.isEmpty() ? ports : range(host, "invalid hostPort: " + host);
        boolean chooses = ports.length() == 0 && hostPorts.length() > 0;
        if (ports.length() != hostPorts.length() && !chooses) {
            throw new Refusal(
                    "invalid ranges specified for container and host Ports: "
                            + container
                            + " and "
                            + host);
        }
        String protocol = givenProtocol.toLowerCase(Locale.ROOT);
        if (!protocol.equals("tcp") && !protocol.equals("udp") && !protocol.equals("sctp")) {
            throw new Refusal("invalid proto: " + protocol);
        }
        for (int i = 0; i <= ports.length(); i++) {
            String hostPort = "";
            if (!host.isEmpty()) {
                hostPort = hostPorts.first + i + (chooses ? "-" + hostPorts.last : "");
            }
            String key = ports.first + i + "/" + protocol;
            exposed.put(key, true);
            bindings.computeIfAbsent(key, k -> new ArrayList<>()).add(new Binding(ip, hostPort));
        }
    }

    private static String address(String given) {
        String ip = given;
        if (ip.startsWith("[")) {
            int end = ip.indexOf(']');
            if (end < 0) {
                throw new Refusal(
                        "invalid IP address "
                                + ip
                                + ": address "
                                + ip
                                + ":: missing ']' in address");
            }
            if (end < ip.length() - 1) {
                throw new Refusal(
                        "invalid IP address "
                                + ip
                                + ": address "
                                + ip
                                + ":: missing port in address");
            }
            ip = ip.substring(1, end);
        }
        if (!ip.isEmpty() && !Addresses.isIp(ip)) {
            throw new Refusal("invalid IP address: " + ip);
        }
        return ip;
    }

    /// @throws Refusal in Docker's words
    public void expose(String spec) {
        if (spec.indexOf(':') >= 0) {
            throw new Refusal("invalid port format for --expose: " + spec);
        }
        Range ports;
        try {
            ports = range(port(spec));
        } catch (NoPort e) {
            throw new Refusal(
                    "invalid range format for --expose: " + spec + ", error: " + e.getMessage());
        }
        for (int i = ports.first; i <= ports.last; i++) {
            exposed.put(i + "/" + protocol(spec), true);
        }
    }

    private static Range range(String text, String refusal) {
        try {
            return range(text);
        } catch (NoPort e) {
            throw new Refusal(refusal);
        }
    }

    private static Range range(String text) {
        if (text.isEmpty()) {
            throw new NoPort("empty string specified for ports");
        }
        String[] ends = text.split("-", -1); // what is behind a second dash is not read
        int first = number(ends[0]);
        int last = ends.length == 1 ? first : number(ends[1]);
        if (last < first) {
            throw new NoPort("invalid range specified for port: " + text);
        }
        return new Range(first, last);
    }

    private static int number(String text) {
        boolean digits = !text.isEmpty();
        long number = 0;
        for (int i = 0; i < text.length() && digits; i++) {
            char c = text.charAt(i);
            digits = c >= '0' && c <= '9';
            number = Math.min(number * 10 + (c - '0'), MAX_PORT + 1);
        }
        if (!digits || number > MAX_PORT) {
            throw new NoPort(
                    "strconv.ParseUint: parsing \""
                            + text
                            + "\": "
                            + (digits ? "value out of range" : "invalid syntax"));
        }
        return (int) number;
    }

    public boolean isEmpty() {
        return exposed.isEmpty();
    }

    public void writeExposed(JsonWriter json) {
        json.object();
        for (String port : exposed.keySet()) {
            json.name(port).object().end();
        }
        json.end();
    }

    public void writeBindings(JsonWriter json) {
        json.object();
        for (var entry : bindings.entrySet()) {
            json.name(entry.getKey()).array();
            for (Binding binding : entry.getValue()) {
                json.object().name("HostIp").value(binding.ip);
                json.name("HostPort").value(binding.port).end();
            }
            json.end();
        }
        json.end();
    }
}
