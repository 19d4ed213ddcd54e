package dev.corten.cli.option;

import dev.corten.cli.failure.Refusal;
import dev.corten.client.JsonWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/// One network of a container, from `--network` in its short form (a name) or its long one
/// (`name=net,alias=db,ip=10.0.0.5`).
public final class NetworkAttachment {
    public String name = "";
    public String ip = "";
    public String ip6 = "";
    public String mac = "";
    public int priority;
    public final List<String> aliases = new ArrayList<>();
    public final List<String> linkLocal = new ArrayList<>();
    public final List<String> links = new ArrayList<>();
    public final TreeMap<String, String> driverOptions = new TreeMap<>();

    /// Why `--network` refuses this; empty if it does not.
    public static String refusal(String given) {
        try {
            parse(given);
            return "";
        } catch (Refusal e) {
            return e.message();
        }
    }

    /// @throws Refusal in Docker's words
    public static NetworkAttachment parse(String given) {
        var attachment = new NetworkAttachment();
        if (!isLong(given)) {
            attachment.name = given;
            return attachment;
        }
        for (String field : Fields.of(given)) {
            // All of it, values too, as Docker.
            String lower = field.toLowerCase(Locale.ROOT);
            int equals = lower.indexOf('=');
            if (equals <= 0) {
                throw new Refusal("invalid field " + field);
            }
            attachment.set(lower.substring(0, equals).strip(), lower.substring(equals + 1).strip());
        }
        if (attachment.name.isEmpty()) {
            throw new Refusal("network name/id is not specified");
        }
        return attachment;
    }

    /// Whether there is a word with a word behind an equals sign somewhere.
    private static boolean isLong(String given) {
        for (int i = 1; i < given.length() - 1; i++) {
            if (given.charAt(i) == '='
                    && isWord(given.charAt(i - 1))
                    && isWord(given.charAt(i + 1))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWord(char c) {
        return c < 0x80 && (Character.isLetterOrDigit(c) || c == '_');
    }

    private void set(String key, String value) {
        switch (key) {
            case "name" -> name = value;
            case "alias" -> aliases.add(value);
            case "ip" -> ip = value;
            case "ip6" -> ip6 = value;
            case "mac-address" -> mac = value;
            case "link-local-ip" -> linkLocal.add(value);
            case "driver-opt" -> {
                int split = value.indexOf('=');
                if (split <= 0) {
                    throw new Refusal("invalid key value pair format in driver options");
                }
                driverOptions.put(
                        value.substring(0, split).strip(), value.substring(split + 1).strip());
            }
            case "gw-priority" -> {
                try {
                    priority = Integer.parseInt(value);
                } catch (NumberFormatException e) {
                    throw new Refusal("invalid gw-priority (" + value + "): invalid syntax");
                }
            }
            default -> throw new Refusal("invalid field key " + key);
        }
    }

    public boolean isUserDefined() {
        return switch (name) {
            case "default", "bridge", "host", "none" -> false;
            default -> !name.equals("container") && !name.startsWith("container:");
        };
    }

    /// @throws Refusal in Docker's words for what cannot be
    public void check() {
        if (name.isBlank()) {
            throw new Refusal("no name set for network");
        }
        if (!isUserDefined() && !aliases.isEmpty()) {
            throw new Refusal(
                    "network-scoped aliases are only supported for user-defined networks");
        }
        if (!mac.isEmpty() && !Addresses.isMac(mac)) {
            throw new Refusal(mac + " is not a valid mac address");
        }
    }

    public boolean isBare() {
        return ip.isEmpty()
                && ip6.isEmpty()
                && mac.isEmpty()
                && priority == 0
                && aliases.isEmpty()
                && linkLocal.isEmpty()
                && links.isEmpty()
                && driverOptions.isEmpty();
    }

    /// As an element of `EndpointsConfig`.
    public void write(JsonWriter json) {
        json.object().name("IPAMConfig");
        if (ip.isEmpty() && ip6.isEmpty() && linkLocal.isEmpty()) {
            json.nothing();
        } else {
            json.object();
            if (!ip.isEmpty()) {
                json.name("IPv4Address").value(ip);
            }
            if (!ip6.isEmpty()) {
                json.name("IPv6Address").value(ip6);
            }
            if (!linkLocal.isEmpty()) {
                json.name("LinkLocalIPs").values(linkLocal);
            }
            json.end();
        }
        list(json, "Links", links);
        list(json, "Aliases", aliases);
        json.name("MacAddress").value(mac);
        json.name("DriverOpts");
        if (driverOptions.isEmpty()) {
            json.nothing();
        } else {
            json.values(driverOptions);
        }
        json.name("GwPriority").value(priority).end();
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
