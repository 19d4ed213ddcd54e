package dev.corten.engine.container;

import dev.corten.model.container.ContainerConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The environment variables that tell a container of one that it has a link to.
final class LinkVariables {
    /// Not worth telling: they are about the other container's inside.
    private static final Set<String> UNTOLD = Set.of("HOME", "PATH");

    private final List<String> variables = new ArrayList<>();
    private final String prefix;
    private final String address;

    private LinkVariables(String alias, String address) {
        this.prefix = alias.toUpperCase(Locale.ROOT).replace('-', '_');
        this.address = address;
    }

    /// @param fullName of the link: `/web/alias`
    /// @param address of the linked container
    /// @param config of the linked container
    static List<String> of(String alias, String fullName, String address, ContainerConfig config) {
        var result = new LinkVariables(alias, address);
        if (config.exposedPorts() != null) {
            result.ports(config.exposedPorts());
        }
        result.put("NAME", fullName);
        if (config.env() != null) {
            config.env().forEach(result::environment);
        }
        return result.variables;
    }

    /// @param protocol as the client wrote it
    private record Port(int number, String protocol) {
        static Port parse(String text) {
            int slash = text.indexOf('/');
            return slash < 0
                    ? new Port(Integer.parseInt(text), "tcp")
                    : new Port(
                            Integer.parseInt(text.substring(0, slash)), text.substring(slash + 1));
        }

        boolean follows(Port other) {
            return number == other.number + 1 && protocol.equalsIgnoreCase(other.protocol);
        }

        String key() {
            return "PORT_" + number + "_" + protocol.toUpperCase(Locale.ROOT);
        }
    }

    private void put(String name, String value) {
        variables.add(prefix + "_" + name + "=" + value);
    }

    private String url(Port port) {
        return port.protocol() + "://" + address + ":" + port.number();
    }

    private void ports(Collection<String> exposed) {
        List<Port> ports =
                exposed.stream()
                        .map(Port::parse)
                        .sorted(
                                Comparator.comparingInt(Port::number)
                                        .thenComparing(
                                                port -> !port.protocol().equalsIgnoreCase("tcp")))
                        .toList();
        if (ports.isEmpty()) {
            return;
        }
        put("PORT", url(ports.getFirst()));
        Port start = ports.getFirst();
        Port end = start;
        for (int i = 0; i < ports.size(); i++) {
            Port port = ports.get(i);
            put(port.key(), url(port));
            put(port.key() + "_ADDR", address);
            put(port.key() + "_PORT", Integer.toString(port.number()));
            put(port.key() + "_PROTO", port.protocol());
            if (port.follows(end)) {
                end = port;
                if (i < ports.size() - 1) {
                    continue;
                }
            }
            range(start, end);
            start = port;
            end = port;
        }
    }

    private void range(Port start, Port end) {
        if (!start.equals(end)) {
            put(start.key() + "_START", url(start));
            put(start.key() + "_PORT_START", Integer.toString(start.number()));
            put(start.key() + "_END", url(end));
            put(start.key() + "_PORT_END", Integer.toString(end.number()));
        }
    }

    private void environment(String variable) {
        int equals = variable.indexOf('=');
        if (equals >= 0 && !UNTOLD.contains(variable.substring(0, equals))) {
            variables.add(prefix + "_ENV_" + variable);
        }
    }
}
