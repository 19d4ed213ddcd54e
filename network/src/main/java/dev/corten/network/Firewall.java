package dev.corten.network;

import dev.corten.kernel.Errno;
import dev.corten.kernel.nft.NftElement;
import dev.corten.kernel.nft.NftFamily;
import dev.corten.kernel.nft.NftRule;
import dev.corten.kernel.nft.NftSet;
import dev.corten.kernel.nft.NftTransaction;
import dev.corten.kernel.nft.NftType;
import dev.corten.kernel.nft.Nftables;
import dev.corten.network.port.Protocol;
import dev.corten.network.port.PublishedPort;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The instance's nftables table: chains that never change ([FirewallChains]), and sets and maps
/// whose elements are the bridges, the containers and their ports.
///
/// ```
/// guard        prerouting -300  127/8 from outside lo: drop; container addresses from outside
///                               their bridge: drop (a published port is not yet translated here)
/// prerouting   prerouting -100  to an address of this host: translate by ports_at, then ports
/// output       output     -100  the same for what this host sends
/// forward      forward       0  known connections; from_bridge; to_bridge; foreign
/// postrouting  postrouting 100  masquerade what leaves the bridge, what returns to it after
///                               translation, and what comes from 127/8
/// ```
///
/// A verdict of accept ends only the chains of this table: the host's own drop rules hold.
/// Everything is called on the network thread.
final class Firewall {
    static final String BRIDGES = "bridges";
    static final String SAME_BRIDGE = "same_bridge";
    static final String ADDRESSES = "addresses";
    static final String CONTAINERS = "containers";
    static final String PORTS = "ports";
    static final String PORTS_AT = "ports_at";
    static final String PUBLISHED = "published";

    private static final NftType TARGET =
            NftType.concatenation(NftType.IPV4_ADDRESS, NftType.SERVICE);

    private static final List<NftSet> SETS =
            List.of(
                    NftSet.set(BRIDGES, NftType.INTERFACE_NAME),
                    NftSet.set(
                            SAME_BRIDGE,
                            NftType.concatenation(NftType.INTERFACE_NAME, NftType.INTERFACE_NAME)),
                    NftSet.set(ADDRESSES, NftType.IPV4_ADDRESS),
                    NftSet.set(
                            CONTAINERS,
                            NftType.concatenation(NftType.IPV4_ADDRESS, NftType.INTERFACE_NAME)),
                    NftSet.map(
                            PORTS,
                            NftType.concatenation(NftType.PROTOCOL, NftType.SERVICE),
                            TARGET),
                    NftSet.map(
                            PORTS_AT,
                            NftType.concatenation(
                                    NftType.IPV4_ADDRESS, NftType.PROTOCOL, NftType.SERVICE),
                            TARGET),
                    NftSet.set(
                            PUBLISHED,
                            NftType.concatenation(
                                    NftType.IPV4_ADDRESS, NftType.PROTOCOL, NftType.SERVICE)));

    private final Nftables nftables;
    private final String table;
    private final FirewallPolicy policy;

    /// What the sets hold, by the set's name.
    private final Map<String, Set<NftElement>> elements = new LinkedHashMap<>();

    /// How many rules each chain has when nobody has tampered with it.
    private final Map<String, Integer> ruleCounts = new LinkedHashMap<>();

    Firewall(Nftables nftables, String table, FirewallPolicy policy) {
        this.nftables = nftables;
        this.table = table;
        this.policy = policy;
        SETS.forEach(set -> elements.put(set.name(), new LinkedHashSet<>()));
    }

    /// Makes the table for this bridge, or takes over the one that is there, with its elements.
    void open(String bridge) throws IOException {
        boolean usable = false;
        if (nftables.tables(NftFamily.INET).contains(table)) {
            usable = nftables.chains(NftFamily.INET, table).contains(policy.layout());
            for (NftSet set : SETS) {
                elementsOf(set.name()).addAll(present(set.name()));
            }
        }
        byte[] name = NftRule.interfaceName(bridge);
        Set<NftElement> bridges = Set.of(NftElement.of(name));
        Set<NftElement> pairs = Set.of(NftElement.of(join(name, name)));
        if (usable) {
            var transaction = new NftTransaction();
            change(transaction, BRIDGES, bridges);
            change(transaction, SAME_BRIDGE, pairs);
            nftables.commit(transaction);
        }
        replace(BRIDGES, bridges);
        replace(SAME_BRIDGE, pairs);
        if (usable) {
            // Only to know how many rules there are.
            ruleCounts.putAll(FirewallChains.add(new NftTransaction(), table, policy));
            repair();
        } else {
            install();
        }
    }

    /// Makes the whole table anew, elements included, in one transaction: at no time is a port
    /// without translation or a container without guard.
    void install() throws IOException {
        var transaction = new NftTransaction();
        transaction.addTable(NftFamily.INET, table).deleteTable(NftFamily.INET, table);
        transaction.addTable(NftFamily.INET, table);
        SETS.forEach(set -> transaction.addSet(NftFamily.INET, table, set));
        ruleCounts.putAll(FirewallChains.add(transaction, table, policy));
        elements.forEach(
                (set, content) -> transaction.addElements(NftFamily.INET, table, set, content));
        nftables.commit(transaction);
    }

    /// Lets an endpoint take part: its address is guarded, its ports are translated.
    void add(String bridge, EndpointRecord endpoint) throws IOException {
        var transaction = new NftTransaction();
        Map<String, List<NftElement>> added = elementsFor(bridge, endpoint);
        added.forEach(
                (set, content) -> transaction.addElements(NftFamily.INET, table, set, content));
        try {
            nftables.commit(transaction);
            added.forEach((set, content) -> elementsOf(set).addAll(content));
        } catch (Errno e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
            // Somebody has flushed the ruleset since.
            added.forEach((set, content) -> elementsOf(set).addAll(content));
            install();
        }
    }

    /// Takes an endpoint out again.
    void remove(String bridge, EndpointRecord endpoint) throws IOException {
        var transaction = new NftTransaction();
        Map<String, List<NftElement>> gone = elementsFor(bridge, endpoint);
        gone.forEach(
                (set, content) -> transaction.deleteElements(NftFamily.INET, table, set, content));
        try {
            nftables.commit(transaction);
            gone.forEach((set, content) -> elementsOf(set).removeAll(content));
        } catch (Errno e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
            gone.forEach((set, content) -> elementsOf(set).removeAll(content));
            install();
        }
    }

    /// Makes the table hold exactly these endpoints, by adding and deleting what differs.
    void restore(String bridge, Collection<EndpointRecord> endpoints) throws IOException {
        Map<String, Set<NftElement>> wanted = new LinkedHashMap<>();
        for (String set : List.of(ADDRESSES, CONTAINERS, PORTS, PORTS_AT, PUBLISHED)) {
            wanted.put(set, new LinkedHashSet<>());
        }
        for (EndpointRecord endpoint : endpoints) {
            elementsFor(bridge, endpoint)
                    .forEach((set, content) ->
                            wanted.computeIfAbsent(set, _ -> new LinkedHashSet<>())
                                    .addAll(content));
        }
        var transaction = new NftTransaction();
        wanted.forEach((set, content) -> change(transaction, set, content));
        nftables.commit(transaction);
        wanted.forEach(this::replace);
    }

    /// Makes the table anew if somebody has deleted it or rules of it; says whether it was so.
    boolean repair() throws IOException {
        if (isIntact()) {
            return false;
        }
        install();
        return true;
    }

    private boolean isIntact() throws IOException {
        if (!nftables.chains(NftFamily.INET, table).contains(policy.layout())) {
            return false;
        }
        for (Map.Entry<String, Integer> chain : ruleCounts.entrySet()) {
            if (nftables.countRules(NftFamily.INET, table, chain.getKey()) != chain.getValue()) {
                return false;
            }
        }
        return true;
    }

    /// Deletes the table, if it is there.
    static void delete(Nftables nftables, String table) throws IOException {
        if (nftables.tables(NftFamily.INET).contains(table)) {
            nftables.commit(new NftTransaction().deleteTable(NftFamily.INET, table));
        }
    }

    private Set<NftElement> elementsOf(String set) {
        return elements.computeIfAbsent(set, _ -> new LinkedHashSet<>());
    }

    private void replace(String set, Set<NftElement> content) {
        elementsOf(set).clear();
        elementsOf(set).addAll(content);
    }

    private void change(NftTransaction transaction, String set, Set<NftElement> wanted) {
        var surplus = new LinkedHashSet<>(elementsOf(set));
        surplus.removeAll(wanted);
        var missing = new LinkedHashSet<>(wanted);
        missing.removeAll(elementsOf(set));
        transaction.deleteElements(NftFamily.INET, table, set, surplus);
        transaction.addElements(NftFamily.INET, table, set, missing);
    }

    private List<NftElement> present(String set) throws IOException {
        try {
            return nftables.elements(NftFamily.INET, table, set);
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return List.of(); // a table of an older layout
            }
            throw e;
        }
    }

    private static Map<String, List<NftElement>> elementsFor(
            String bridge, EndpointRecord endpoint) {
        byte[] address = endpoint.address().getAddress();
        var ports = new ArrayList<NftElement>();
        var portsAt = new ArrayList<NftElement>();
        var published = new LinkedHashSet<NftElement>();
        for (PublishedPort port : endpoint.ports()) {
            if (!(port.hostIp() instanceof Inet4Address)) {
                continue; // relayed
            }
            byte[] target = join(address, service(port.containerPort()));
            byte[] key = join(protocol(port.protocol()), service(port.hostPort()));
            published.add(
                    NftElement.of(
                            join(
                                    address,
                                    protocol(port.protocol()),
                                    service(port.containerPort()))));
            InetAddress hostIp = port.hostIp();
            if (hostIp.isAnyLocalAddress()) {
                ports.add(NftElement.of(key, target));
            } else {
                portsAt.add(NftElement.of(join(hostIp.getAddress(), key), target));
            }
        }
        return Map.of(
                ADDRESSES,
                List.of(NftElement.of(address)),
                CONTAINERS,
                List.of(NftElement.of(join(address, NftRule.interfaceName(bridge)))),
                PORTS,
                ports,
                PORTS_AT,
                portsAt,
                PUBLISHED,
                List.copyOf(published));
    }

    /// Fields of a concatenation are padded at their end to four bytes.
    private static byte[] protocol(Protocol protocol) {
        return new byte[] {(byte) protocol.number(), 0, 0, 0};
    }

    private static byte[] service(int port) {
        return new byte[] {(byte) (port >>> 8), (byte) port, 0, 0};
    }

    private static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        var joined = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            joined.put(part);
        }
        return joined.array();
    }
}
