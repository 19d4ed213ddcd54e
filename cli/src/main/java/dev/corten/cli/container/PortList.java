package dev.corten.cli.container;

import dev.corten.client.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// A container's ports for the list: `0.0.0.0:8080->80/tcp, 81-82/tcp`.
final class PortList {
    private record Port(String ip, int inside, int outside, String type) {}

    private static final class Group {
        final int first;
        int last;

        Group(int first) {
            this.first = first;
            this.last = first;
        }
    }

    private PortList() {}

    static String show(List<Json> given) {
        if (given.isEmpty()) {
            return "";
        }
        var ports = new ArrayList<Port>();
        for (Json port : given) {
            ports.add(
                    new Port(
                            port.get("IP").text(""),
                            (int) port.get("PrivatePort").integer(0),
                            (int) port.get("PublicPort").integer(0),
                            port.get("Type").text("")));
        }
        ports.sort(PortList::compare);
        var shown = new ArrayList<String>();
        var mapped = new ArrayList<String>();
        var groups = new LinkedHashMap<String, Group>();
        for (Port port : ports) {
            String key = port.type;
            if (!port.ip.isEmpty()) {
                if (port.outside != port.inside) {
                    mapped.add(
                            address(port.ip)
                                    + ":"
                                    + port.outside
                                    + "->"
                                    + port.inside
                                    + "/"
                                    + port.type);
                    continue;
                }
                key = port.ip + "/" + port.type;
            }
            Group group = groups.get(key);
            if (group != null && group.last + 1 == port.inside) {
                group.last = port.inside;
                continue;
            }
            if (group != null) {
                shown.add(show(key, group));
            }
            groups.put(key, new Group(port.inside));
        }
        for (var group : groups.entrySet()) {
            shown.add(show(group.getKey(), group.getValue()));
        }
        shown.addAll(mapped);
        return String.join(", ", shown);
    }

    private static int compare(Port a, Port b) {
        if (a.inside != b.inside) {
            return a.inside - b.inside;
        }
        int byAddress = a.ip.compareTo(b.ip);
        if (byAddress != 0) {
            return byAddress;
        }
        return a.outside != b.outside ? a.outside - b.outside : a.type.compareTo(b.type);
    }

    private static String show(String key, Group group) {
        int slash = key.indexOf('/');
        String range =
                group.first == group.last ? "" + group.first : group.first + "-" + group.last;
        if (slash < 0) {
            return range + "/" + key;
        }
        return address(key.substring(0, slash)) + ":" + range + "->" + range + key.substring(slash);
    }

    private static String address(String ip) {
        return ip.indexOf(':') >= 0 ? "[" + ip + "]" : ip;
    }
}
