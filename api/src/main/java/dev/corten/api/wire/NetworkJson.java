package dev.corten.api.wire;

import dev.corten.engine.network.NetworkView;
import java.util.List;
import java.util.Map;

/// Networks: list and inspect.
public final class NetworkJson {
    private NetworkJson() {}

    /// @param withContainers whether those that are connected are listed; a list of networks does not
    public static void write(Json out, NetworkView network, boolean withContainers) {
        out.text("Name", network.name())
                .text("Id", network.id())
                .time("Created", network.created())
                .text("Scope", "local")
                .text("Driver", network.driver())
                .flag("EnableIPv4", true)
                .flag("EnableIPv6", false)
                .object("IPAM", ipam -> writeIpam(ipam, network))
                .flag("Internal", false)
                .flag("Attachable", false)
                .flag("Ingress", false)
                .object("ConfigFrom", from -> from.text("Network", ""))
                .flag("ConfigOnly", false)
                .object("Containers", all -> writeContainers(all, network, withContainers))
                .map("Options", network.options())
                .map("Labels", Map.of());
    }

    private static void writeIpam(Json out, NetworkView network) {
        out.text("Driver", "default")
                .none("Options")
                .objects(
                        "Config",
                        network.subnet().isEmpty() ? null : List.of(network.subnet().get()),
                        (config, subnet) -> {
                            config.text("Subnet", subnet);
                            network.range().ifPresent(r -> config.text("IPRange", r));
                            network.gateway().ifPresent(g -> config.text("Gateway", g));
                        });
    }

    private static void writeContainers(Json out, NetworkView network, boolean withContainers) {
        if (!withContainers) {
            return;
        }
        network.containers()
                .forEach((id, member) ->
                        out.object(
                                id.hex(),
                                m ->
                                        m.text("Name", member.name())
                                                .text("EndpointID", member.endpoint().endpointId())
                                                .text("MacAddress", member.endpoint().mac())
                                                .text("IPv4Address", ipv4(member))
                                                .text("IPv6Address", "")));
    }

    private static String ipv4(NetworkView.Member member) {
        String address = member.endpoint().ipAddress();
        return address.isEmpty() ? "" : address + "/" + member.endpoint().ipPrefixLength();
    }
}
