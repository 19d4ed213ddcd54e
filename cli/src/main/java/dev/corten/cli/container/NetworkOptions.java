package dev.corten.cli.container;

import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.option.NetworkAttachment;
import dev.corten.client.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/// The network part of a container's options: `--network`, and the options that apply to the first
/// of several networks.
final class NetworkOptions {
    private final List<NetworkAttachment> attachments = new ArrayList<>();

    /// @throws Refusal in Docker's words
    NetworkOptions(Flags flags) {
        for (String given : flags.list("network")) {
            attachments.add(NetworkAttachment.parse(given));
        }
        if (attachments.isEmpty()) {
            var usual = new NetworkAttachment();
            usual.name = "default";
            attachments.add(usual);
        }
        apply(flags, attachments.getFirst());
        check();
    }

    private static void apply(Flags flags, NetworkAttachment first) {
        List<String> aliases = flags.list("network-alias");
        List<String> linkLocal = flags.list("link-local-ip");
        String ip = flags.text("ip");
        String ip6 = flags.text("ip6");
        String mac = flags.text("mac-address");
        both(first.aliases, aliases, "--network-alias and per-network alias");
        both(first.ip, ip, "--ip and per-network IPv4 address");
        both(first.ip6, ip6, "--ip6 and per-network IPv6 address");
        both(first.mac, mac, "--mac-address and per-network MAC address");
        both(first.linkLocal, linkLocal, "--link-local-ip and per-network link-local IP addresses");
        first.aliases.addAll(aliases);
        first.linkLocal.addAll(linkLocal);
        first.ip = ip.isEmpty() ? first.ip : ip;
        first.ip6 = ip6.isEmpty() ? first.ip6 : ip6;
        first.mac = mac.isEmpty() ? first.mac : mac;
        if (first.isUserDefined()) {
            first.links.addAll(flags.list("link"));
        }
    }

    private static void both(List<String> one, List<String> other, String what) {
        both(one.isEmpty() ? "" : "some", other.isEmpty() ? "" : "some", what);
    }

    private static void both(String one, String other, String what) {
        if (!one.isEmpty() && !other.isEmpty()) {
            throw new Refusal("conflicting options: cannot specify both " + what);
        }
    }

    private void check() {
        boolean own = false;
        boolean builtIn = false;
        var names = new ArrayList<String>();
        for (NetworkAttachment attachment : attachments) {
            attachment.check();
            if (names.contains(attachment.name)) {
                throw new Refusal(
                        "network \"" + attachment.name + "\" is specified multiple times");
            }
            names.add(attachment.name);
            if (attachment.isUserDefined()) {
                own = true;
            } else {
                builtIn = true;
            }
        }
        if (own && builtIn) {
            throw new Refusal(
                    "conflicting options: cannot attach both user-defined and non-user-defined"
                            + " network-modes");
        }
    }

    String mode() {
        return attachments.getFirst().name;
    }

    void writeEndpoints(JsonWriter json) {
        json.object().name("EndpointsConfig").object();
        for (NetworkAttachment attachment : attachments) {
            // A single network without options is in the network mode already.
            if (attachments.size() > 1 || !attachment.isBare()) {
                json.name(attachment.name);
                attachment.write(json);
            }
        }
        json.end().end();
    }
}
