package dev.corten.cli;

import dev.corten.client.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// The network part of a container's options: `--network`, in its short and its long form, and the
/// options that apply to the first of several networks.
final class NetworkOptions {
    private static final class Attachment {
        String name = "";
        String ip = "";
        String ip6 = "";
        String mac = "";
        long priority;
        final List<String> aliases = new ArrayList<>();
        final List<String> linkLocal = new ArrayList<>();
        final TreeMap<String, String> driverOptions = new TreeMap<>();

        boolean isBare() {
            return ip.isEmpty()
                    && ip6.isEmpty()
                    && mac.isEmpty()
                    && priority == 0
                    && aliases.isEmpty()
                    && linkLocal.isEmpty()
                    && driverOptions.isEmpty();
        }
    }

    private final Flags flags;
    private final List<Attachment> attachments = new ArrayList<>();

    /// @throws Refusal in Docker's words
    NetworkOptions(Flags flags) {
        this.flags = flags;
        for (String given : flags.list("network")) {
            attachments.add(parse(given));
        }
        if (attachments.isEmpty()) {
            var usual = new Attachment();
            usual.name = "default";
            attachments.add(usual);
        }
        Attachment first = attachments.getFirst();
        first.aliases.addAll(flags.list("network-alias"));
        first.linkLocal.addAll(flags.list("link-local-ip"));
        first.ip = flags.text("ip", first.ip);
        first.ip6 = flags.text("ip6", first.ip6);
        first.mac = flags.text("mac-address", first.mac);
        check();
    }

    private static Attachment parse(String given) {
        var attachment = new Attachment();
        if (given.indexOf('=') < 0) {
            attachment.name = given;
            return attachment;
        }
        for (String field : MountOption.fields(given)) {
            int equals = field.indexOf('=');
            if (equals < 0) {
                throw new Refusal("invalid field " + field);
            }
            String value = field.substring(equals + 1).strip();
            switch (field.substring(0, equals).strip()) {
                case "name" -> attachment.name = value;
                case "alias" -> attachment.aliases.add(value);
                case "ip" -> attachment.ip = value;
                case "ip6" -> attachment.ip6 = value;
                case "mac-address" -> attachment.mac = value;
                case "link-local-ip" -> attachment.linkLocal.add(value);
                case "driver-opt" -> {
                    int split = value.indexOf('=');
                    if (split < 0) {
                        throw new Refusal("invalid key/value pair format in driver options");
                    }
                    attachment.driverOptions.put(
                            value.substring(0, split), value.substring(split + 1));
                }
                case "gw-priority" -> {
                    try {
                        attachment.priority = Integer.parseInt(value);
                    } catch (NumberFormatException e) {
                        throw new Refusal("invalid gw-priority (" + value + "): not a number");
                    }
                }
                default -> throw new Refusal("invalid field key " + field.substring(0, equals));
            }
        }
        return attachment;
    }

    private void check() {
        boolean own = false;
        boolean builtIn = false;
        var names = new ArrayList<String>();
        for (Attachment attachment : attachments) {
            if (attachment.name.isEmpty()) {
                throw new Refusal("no name set for network");
            }
            if (names.contains(attachment.name)) {
                throw new Refusal(
                        "network \"" + attachment.name + "\" is specified multiple times");
            }
            names.add(attachment.name);
            if (isBuiltIn(attachment.name)) {
                builtIn = true;
            } else {
                own = true;
            }
        }
        if (own && builtIn) {
            throw new Refusal(
                    "conflicting options: cannot attach both user-defined and non-user-defined"
                            + " network-modes");
        }
    }

    private static boolean isBuiltIn(String name) {
        return switch (name) {
            case "default", "bridge", "host", "none" -> true;
            default -> name.startsWith("container:");
        };
    }

    String mode() {
        return attachments.getFirst().name;
    }

    void writeEndpoints(JsonWriter json) {
        json.object().name("EndpointsConfig").object();
        for (Attachment attachment : attachments) {
            // A single network without options is in the network mode already.
            if (attachments.size() > 1 || !attachment.isBare()) {
                json.name(attachment.name);
                write(json, attachment);
            }
        }
        json.end().end();
    }

    private void write(JsonWriter json, Attachment attachment) {
        json.object().name("IPAMConfig");
        boolean addresses =
                !attachment.ip.isEmpty()
                        || !attachment.ip6.isEmpty()
                        || !attachment.linkLocal.isEmpty();
        if (addresses) {
            json.object();
            if (!attachment.ip.isEmpty()) {
                json.name("IPv4Address").value(attachment.ip);
            }
            if (!attachment.ip6.isEmpty()) {
                json.name("IPv6Address").value(attachment.ip6);
            }
            if (!attachment.linkLocal.isEmpty()) {
                json.name("LinkLocalIPs").values(attachment.linkLocal);
            }
            json.end();
        } else {
            json.nothing();
        }
        List<String> links = isBuiltIn(attachment.name) ? List.of() : flags.list("link");
        list(json, "Links", links);
        list(json, "Aliases", attachment.aliases);
        json.name("MacAddress").value(attachment.mac);
        json.name("DriverOpts");
        if (attachment.driverOptions.isEmpty()) {
            json.nothing();
        } else {
            json.values(attachment.driverOptions);
        }
        json.name("GwPriority").value(attachment.priority).end();
    }

    private static void list(JsonWriter json, String name, List<String> values) {
        json.name(name);
        if (values.isEmpty()) {
            json.nothing();
        } else {
            json.values(values);
        }
    }
}
