package dev.corten.cli;

import dev.corten.client.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// The values of `--publish` and `--expose`: `[[ip:]host:]container[/protocol]`, with ranges.
final class PortSpecs {
    private record Binding(String ip, String port) {}

    private record Range(int first, int last) {
        int length() {
            return last - first;
        }
    }

    private final TreeMap<String, List<Binding>> bindings = new TreeMap<>();
    private final TreeMap<String, Boolean> exposed = new TreeMap<>();

    /// @throws Refusal in Docker's words
    void publish(String spec) {
        if (spec.indexOf("target=") >= 0 || spec.indexOf("published=") >= 0) {
            publishLong(spec);
            return;
        }
        String rest = spec;
        String protocol = "tcp";
        int slash = rest.lastIndexOf('/');
        if (slash >= 0) {
            protocol = rest.substring(slash + 1);
            rest = rest.substring(0, slash);
        }
        int colon = rest.lastIndexOf(':');
        String container = rest.substring(colon + 1);
        String ip = "";
        String host = "";
        if (colon >= 0) {
            rest = rest.substring(0, colon);
            int next = rest.lastIndexOf(':');
            host = rest.substring(next + 1);
            if (next >= 0) {
                ip = rest.substring(0, next);
            }
        }
        if (container.isEmpty()) {
            throw new Refusal("no port specified: " + spec + "<empty>");
        }
        publish(ip, host, container, protocol);
    }

    private void publishLong(String spec) {
        String protocol = "tcp";
        String container = "";
        String host = "";
        String ip = "";
        for (String field : MountOption.fields(spec)) {
            int equals = field.indexOf('=');
            if (equals < 0) {
                throw new Refusal("invalid field " + field);
            }
            String value = field.substring(equals + 1);
            switch (field.substring(0, equals)) {
                case "target" -> container = value;
                case "published" -> host = value;
                case "protocol" -> protocol = value;
                case "host_ip" -> ip = value;
                case "mode" -> {
                    if (!value.equals("host") && !value.equals("ingress")) {
                        throw new Refusal("invalid publish mode value (" + value + ")");
                    }
                }
                default -> throw new Refusal("invalid field key " + field.substring(0, equals));
            }
        }
        if (container.isEmpty()) {
            throw new Refusal("missing mandatory field 'target'");
        }
        publish(ip, host, container, protocol);
    }

    private void publish(String givenIp, String host, String container, String protocolText) {
        String ip = givenIp;
        if (ip.startsWith("[") && ip.endsWith("]")) {
            ip = ip.substring(1, ip.length() - 1);
        }
        if (!ip.isEmpty() && !isAddress(ip)) {
            throw new Refusal("invalid IP address: " + ip);
        }
        String protocol = protocol(protocolText);
        Range ports = range(container, "invalid containerPort: " + container);
        Range hostPorts = host.isEmpty() ? ports : range(host, "invalid hostPort: " + host);
        boolean manyToOne = ports.length() == 0 && hostPorts.length() > 0;
        if (!host.isEmpty() && ports.length() != hostPorts.length() && !manyToOne) {
            throw new Refusal(
                    "invalid ranges specified for container and host Ports: "
                            + container
                            + " and "
                            + host);
        }
        for (int i = 0; i <= ports.length(); i++) {
            String key = (ports.first + i) + "/" + protocol;
            String hostPort =
                    host.isEmpty() ? "" : manyToOne ? host : Integer.toString(hostPorts.first + i);
            exposed.put(key, true);
            bindings.computeIfAbsent(key, k -> new ArrayList<>()).add(new Binding(ip, hostPort));
        }
    }

    void expose(String spec) {
        if (spec.indexOf(':') >= 0) {
            throw new Refusal("invalid port format for --expose: " + spec);
        }
        int slash = spec.lastIndexOf('/');
        String protocol = protocol(slash < 0 ? "tcp" : spec.substring(slash + 1));
        String port = slash < 0 ? spec : spec.substring(0, slash);
        Range ports = range(port, "invalid range format for --expose: " + port);
        for (int i = ports.first; i <= ports.last; i++) {
            exposed.put(i + "/" + protocol, true);
        }
    }

    private static String protocol(String text) {
        String protocol = text.toLowerCase(java.util.Locale.ROOT);
        if (protocol.isEmpty()) {
            return "tcp";
        }
        if (!protocol.equals("tcp") && !protocol.equals("udp") && !protocol.equals("sctp")) {
            throw new Refusal("invalid proto: " + text);
        }
        return protocol;
    }

    private static boolean isAddress(String text) {
        boolean six = text.indexOf(':') >= 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = six ? Character.digit(c, 16) >= 0 || c == ':' : c >= '0' && c <= '9';
            if (!plain && c != '.' && c != '%') {
                return false;
            }
        }
        return true;
    }

    private static Range range(String text, String refusal) {
        int dash = text.indexOf('-');
        int first = port(dash < 0 ? text : text.substring(0, dash), refusal);
        int last = dash < 0 ? first : port(text.substring(dash + 1), refusal);
        if (last < first) {
            throw new Refusal(refusal);
        }
        return new Range(first, last);
    }

    private static int port(String text, String refusal) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= 65535) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new Refusal(refusal);
        }
        throw new Refusal(refusal);
    }

    boolean isEmpty() {
        return exposed.isEmpty();
    }

    void writeExposed(JsonWriter json) {
        json.object();
        for (String port : exposed.keySet()) {
            json.name(port).object().end();
        }
        json.end();
    }

    void writeBindings(JsonWriter json) {
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
