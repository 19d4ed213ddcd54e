package dev.corten.network;

import dev.corten.kernel.nft.NftFamily;
import dev.corten.kernel.nft.NftHook;
import dev.corten.kernel.nft.NftRule;
import dev.corten.kernel.nft.NftTransaction;
import dev.corten.kernel.nft.NftVerdict;
import java.util.LinkedHashMap;
import java.util.Map;

/// The static part of the firewall: chains and rules that never change while a daemon lives. They
/// are drawn at [Firewall].
final class FirewallChains {
    /// Forwarding between interfaces that are nobody's bridge; empty, or drops.
    private static final String FOREIGN = "foreign";

    private static final byte[] LOOPBACK = {127, 0, 0, 0};
    private static final int LOOPBACK_PREFIX = 8;
    private static final int DESTINATION_NAT = NftHook.PRIORITY_DESTINATION_NAT;
    private static final int SOURCE_NAT = NftHook.PRIORITY_SOURCE_NAT;
    private static final NftVerdict DROP = NftVerdict.DROP;
    private static final NftVerdict ACCEPT = NftVerdict.ACCEPT;
    private static final NftVerdict RETURN = NftVerdict.RETURN;

    private final NftTransaction transaction;
    private final String table;
    private final FirewallPolicy policy;
    private final Map<String, Integer> ruleCounts = new LinkedHashMap<>();

    private FirewallChains(NftTransaction transaction, String table, FirewallPolicy policy) {
        this.transaction = transaction;
        this.table = table;
        this.policy = policy;
    }

    /// Adds them all to a table whose sets are there.
    ///
    /// @return how many rules each chain has when nobody has tampered with it
    static Map<String, Integer> add(
            NftTransaction transaction, String table, FirewallPolicy policy) {
        var chains = new FirewallChains(transaction, table, policy);
        chains.addAll();
        return chains.ruleCounts;
    }

    private void addAll() {
        chain(policy.layout());
        chain(FOREIGN);
        chain("from_bridge");
        chain("to_bridge");
        base("guard", "filter", NftHook.PREROUTING, NftHook.PRIORITY_RAW);
        base("prerouting", "nat", NftHook.PREROUTING, DESTINATION_NAT);
        base("output", "nat", NftHook.OUTPUT, DESTINATION_NAT);
        base("forward", "filter", NftHook.FORWARD, NftHook.PRIORITY_FILTER);
        base("postrouting", "nat", NftHook.POSTROUTING, SOURCE_NAT);
        guard();
        translation("prerouting");
        translation("output");
        forwarding();
        masquerading();
    }

    private void guard() {
        // Before anything can be published: route_localnet on the bridge would otherwise let
        // containers reach what listens on the host's loopback.
        rule("guard", notFromLo().destination4Within(LOOPBACK, LOOPBACK_PREFIX), DROP);
        rule("guard", notFromLo().source4Within(LOOPBACK, LOOPBACK_PREFIX), DROP);
        // Answers to what was not masqueraded come to the container's address: only the chain
        // forward
        // can tell them from strangers.
        if (!policy.directRouting() && policy.masquerade()) {
            rule(
                    "guard",
                    new NftRule()
                            .ipv4()
                            .loadDestination4(0)
                            .in(Firewall.ADDRESSES, 0)
                            .loadInputInterface(1)
                            .notIn(Firewall.CONTAINERS, 0),
                    DROP);
        }
    }

    private void translation(String chain) {
        rule(
                chain,
                new NftRule()
                        .ipv4()
                        .destinationIsLocal()
                        .loadDestination4(0)
                        .loadTransportProtocol(1)
                        .loadDestinationPort(2)
                        .valueOf(Firewall.PORTS_AT, 0, 4)
                        .destinationNat4(4, 5));
        rule(
                chain,
                new NftRule()
                        .ipv4()
                        .destinationIsLocal()
                        .loadTransportProtocol(0)
                        .loadDestinationPort(1)
                        .valueOf(Firewall.PORTS, 0, 4)
                        .destinationNat4(4, 5));
    }

    private void forwarding() {
        rule("forward", new NftRule().establishedOrRelated(), ACCEPT);
        rule(
                "forward",
                new NftRule().loadInputInterface(0).in(Firewall.BRIDGES, 0),
                NftVerdict.goTo("from_bridge"));
        rule(
                "forward",
                new NftRule().loadOutputInterface(0).in(Firewall.BRIDGES, 0),
                NftVerdict.goTo("to_bridge"));
        rule("forward", new NftRule(), NftVerdict.jump(FOREIGN));

        rule("from_bridge", new NftRule().destinationTranslated(), ACCEPT);
        // Containers of one bridge meet here only where br_netfilter sends frames through IP, or
        // where they send to the host what they could send to each other.
        if (policy.containersMeet()) {
            rule(
                    "from_bridge",
                    new NftRule()
                            .loadInputInterface(0)
                            .loadOutputInterface(4)
                            .in(Firewall.SAME_BRIDGE, 0),
                    ACCEPT);
        }
        rule("from_bridge", new NftRule().loadOutputInterface(0).in(Firewall.BRIDGES, 0), DROP);
        rule("from_bridge", new NftRule(), ACCEPT);

        rule("to_bridge", new NftRule().destinationTranslated(), ACCEPT);
        if (policy.directRouting()) {
            rule(
                    "to_bridge",
                    new NftRule()
                            .ipv4()
                            .loadDestination4(0)
                            .loadTransportProtocol(1)
                            .loadDestinationPort(2)
                            .in(Firewall.PUBLISHED, 0),
                    ACCEPT);
        }
        rule("to_bridge", new NftRule(), DROP);

        if (policy.closedToForeign()) {
            // Other engines decide themselves about their own bridges.
            String ours = Instance.BRIDGE_PREFIX;
            rule(FOREIGN, new NftRule().inputInterfaceStartsWith(ours), RETURN);
            rule(FOREIGN, new NftRule().outputInterfaceStartsWith(ours), RETURN);
            rule(FOREIGN, new NftRule().inputInterface("docker0"), RETURN);
            rule(FOREIGN, new NftRule().outputInterface("docker0"), RETURN);
            rule(FOREIGN, new NftRule(), DROP);
        }
    }

    private void masquerading() {
        rule(
                "postrouting",
                new NftRule()
                        .ipv4()
                        .source4Within(LOOPBACK, LOOPBACK_PREFIX)
                        .loadOutputInterface(0)
                        .in(Firewall.BRIDGES, 0)
                        .masquerade());
        // Back to the bridge that it came from: the answer must return through this host.
        rule(
                "postrouting",
                new NftRule()
                        .ipv4()
                        .destinationTranslated()
                        .loadSource4(0)
                        .loadOutputInterface(1)
                        .in(Firewall.CONTAINERS, 0)
                        .masquerade());
        if (policy.masquerade()) {
            rule(
                    "postrouting",
                    new NftRule()
                            .ipv4()
                            .loadSource4(0)
                            .in(Firewall.ADDRESSES, 0)
                            .loadOutputInterface(1)
                            .notIn(Firewall.CONTAINERS, 0)
                            .masquerade());
        }
    }

    private static NftRule notFromLo() {
        return new NftRule().ipv4().inputInterfaceIsNot("lo");
    }

    private void chain(String name) {
        transaction.addChain(NftFamily.INET, table, name);
    }

    private void base(String chain, String type, int hook, int priority) {
        transaction.addChain(NftFamily.INET, table, chain, new NftHook(type, hook, priority, true));
    }

    private void rule(String chain, NftRule match, NftVerdict verdict) {
        rule(chain, match.verdict(verdict));
    }

    private void rule(String chain, NftRule rule) {
        transaction.addRule(NftFamily.INET, table, chain, rule);
        ruleCounts.merge(chain, 1, Integer::sum);
    }
}
