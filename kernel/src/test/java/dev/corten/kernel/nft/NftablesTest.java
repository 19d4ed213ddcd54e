package dev.corten.kernel.nft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Eventfd;
import dev.corten.kernel.namespace.Namespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What the kernel understood of our messages, as the `nft` command prints it.
class NftablesTest {
    private static final NftFamily INET = NftFamily.INET;
    private static final String TABLE = "t";

    private Fd namespace;
    private Nftables nftables;

    @BeforeEach
    void open() throws IOException {
        namespace = Namespaces.newNetwork();
        nftables = Namespaces.inNetwork(namespace, Nftables::open);
    }

    @AfterEach
    void close() {
        nftables.close();
        namespace.close();
    }

    private String ruleset() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "needs the nft command");
        return Namespaces.inNetwork(
                namespace,
                () ->
                        new ProcessBuilder("/usr/sbin/nft", "list", "ruleset")
                                .redirectErrorStream(true)
                                .start()
                                .inputReader()
                                .readAllAsString());
    }

    private static NftTransaction table() {
        return new NftTransaction().addTable(INET, TABLE);
    }

    private static NftHook hook(String type, int number, int priority) {
        return new NftHook(type, number, priority, true);
    }

    @Test
    void matchesAndVerdicts() throws IOException {
        var transaction = table();
        transaction.addChain(INET, TABLE, "other");
        transaction.addChain(INET, TABLE, "in", new NftHook("filter", NftHook.INPUT, 0, false));
        List<NftRule> rules =
                List.of(
                        new NftRule().establishedOrRelated().verdict(NftVerdict.ACCEPT),
                        new NftRule().inputInterface("lo").counter().verdict(NftVerdict.ACCEPT),
                        new NftRule()
                                .inputInterfaceIsNot("lo")
                                .ipv4()
                                .destination4Within(new byte[] {127, 0, 0, 0}, 8)
                                .verdict(NftVerdict.DROP),
                        new NftRule()
                                .ipv4()
                                .source4Within(new byte[] {10, 1, 2, 3}, 32)
                                .transportProtocol(6)
                                .destinationPort(80)
                                .verdict(NftVerdict.RETURN),
                        new NftRule()
                                .inputInterfaceStartsWith("br-")
                                .verdict(NftVerdict.jump("other")),
                        new NftRule().destinationTranslated().verdict(NftVerdict.goTo("other")),
                        new NftRule().ipv4().destinationIsLocal().verdict(NftVerdict.ACCEPT));
        rules.forEach(rule -> transaction.addRule(INET, TABLE, "in", rule));
        transaction.insertRule(
                INET,
                TABLE,
                "other",
                new NftRule().outputInterface("eth0").verdict(NftVerdict.DROP));
        nftables.commit(transaction);
        assertThat(ruleset())
                .contains("type filter hook input priority filter; policy drop;")
                .contains("ct state established,related accept")
                .contains("iifname \"lo\" counter packets 0 bytes 0 accept")
                .contains("iifname != \"lo\" ip daddr 127.0.0.0/8 drop")
                .contains("ip saddr 10.1.2.3 tcp dport 80 return")
                .contains("iifname \"br-*\" jump other")
                .contains("ct status dnat goto other")
                .contains("fib daddr type local accept")
                .contains("oifname \"eth0\" drop");
        assertThat(nftables.countRules(INET, TABLE, "in")).isEqualTo(rules.size());
        assertThat(nftables.countRules(INET, TABLE, "none")).isZero();
        nftables.commit(new NftTransaction().flushChain(INET, TABLE, "in"));
        assertThat(nftables.countRules(INET, TABLE, "in")).isZero();
    }

    @Test
    void translations() throws IOException {
        NftType port = NftType.concatenation(NftType.PROTOCOL, NftType.SERVICE);
        NftType target = NftType.concatenation(NftType.IPV4_ADDRESS, NftType.SERVICE);
        var transaction = table();
        transaction.addSet(INET, TABLE, NftSet.map("ports", port, target));
        transaction.addChain(
                INET, TABLE, "pre", hook("nat", NftHook.PREROUTING, NftHook.PRIORITY_RAW + 200));
        transaction.addChain(
                INET, TABLE, "post", hook("nat", NftHook.POSTROUTING, NftHook.PRIORITY_SOURCE_NAT));
        transaction.addRule(
                INET,
                TABLE,
                "pre",
                new NftRule()
                        .ipv4()
                        .loadTransportProtocol(0)
                        .loadDestinationPort(1)
                        .valueOf("ports", 0, 4)
                        .destinationNat4(4, 5));
        transaction.addRule(
                INET,
                TABLE,
                "pre",
                new NftRule().transportProtocol(17).destinationPort(53).redirect(5353));
        transaction.addRule(
                INET, TABLE, "post", new NftRule().outputInterface("eth0").masquerade());
        byte[] key = {6, 0, 0, 0, 0x1F, (byte) 0x90, 0, 0};
        byte[] value = {(byte) 172, 17, 0, 2, 0, 80, 0, 0};
        transaction.addElements(INET, TABLE, "ports", List.of(NftElement.of(key, value)));
        nftables.commit(transaction);
        assertThat(ruleset())
                .contains("dnat ip to meta l4proto . th dport map @ports")
                .contains("elements = { tcp . 8080 : 172.17.0.2 . 80 }")
                .contains("udp dport 53 redirect to :5353")
                .contains("oifname \"eth0\" masquerade");
        assertThat(nftables.elements(INET, TABLE, "ports"))
                .containsExactly(NftElement.of(key, value));
        nftables.commit(
                new NftTransaction()
                        .deleteElements(INET, TABLE, "ports", List.of(NftElement.of(key, value))));
        assertThat(nftables.elements(INET, TABLE, "ports")).isEmpty();
    }

    @Test
    void setsIntervalsAndVerdictMaps() throws IOException {
        var transaction = table();
        transaction.addChain(INET, TABLE, "in", hook("filter", NftHook.INPUT, 0));
        transaction.addChain(INET, TABLE, "other");
        transaction.addSet(INET, TABLE, NftSet.set("links", NftType.INTERFACE_NAME));
        transaction.addSet(
                INET, TABLE, new NftSet("nets", NftType.IPV4_ADDRESS, Optional.empty(), true));
        transaction.addSet(
                INET, TABLE, NftSet.map("verdicts", NftType.INTERFACE_NAME, NftType.VERDICT));
        NftElement jump = NftElement.of(NftRule.interfaceName("eth0"), NftVerdict.jump("other"));
        transaction.addElements(
                INET, TABLE, "links", List.of(NftElement.of(NftRule.interfaceName("corten0"))));
        transaction.addElements(
                INET,
                TABLE,
                "nets",
                List.of(
                        NftElement.of(new byte[] {10, 1, 0, 0}),
                        NftElement.intervalEnd(new byte[] {10, 2, 0, 0})));
        transaction.addElements(INET, TABLE, "verdicts", List.of(jump));
        transaction.addRule(
                INET,
                TABLE,
                "in",
                new NftRule().ipv4().loadSource4(0).in("nets", 0).verdict(NftVerdict.DROP));
        transaction.addRule(
                INET,
                TABLE,
                "in",
                new NftRule().loadInputInterface(0).notIn("links", 0).verdict(NftVerdict.DROP));
        transaction.addRule(
                INET, TABLE, "in", new NftRule().loadInputInterface(0).verdictOf("verdicts", 0));
        nftables.commit(transaction);
        assertThat(ruleset())
                .contains("elements = { 10.1.0.0/16 }")
                .contains("elements = { \"corten0\" }")
                .contains("elements = { \"eth0\" : jump other }")
                .contains("ip saddr @nets drop")
                .contains("iifname != @links drop")
                .contains("iifname vmap @verdicts");
        assertThat(nftables.elements(INET, TABLE, "verdicts")).containsExactly(jump);
        assertThat(nftables.elements(INET, TABLE, "nets"))
                .contains(NftElement.intervalEnd(new byte[] {10, 2, 0, 0}));
    }

    @Test
    void refusedTransactionLeavesNothing() throws IOException {
        var transaction = table();
        transaction.addRule(INET, TABLE, "missing", new NftRule().verdict(NftVerdict.ACCEPT));
        assertThatThrownBy(() -> nftables.commit(transaction))
                .isInstanceOf(Errno.class)
                .hasMessageContaining("add rule to t missing")
                .hasMessageEndingWith("ENOENT");
        assertThat(nftables.tables(INET)).isEmpty();
        assertThatThrownBy(() -> nftables.elements(INET, TABLE, "none")).isInstanceOf(Errno.class);
    }

    @Test
    void thousandsOfElements() throws IOException {
        var elements = new ArrayList<NftElement>();
        for (int i = 0; i < 5000; i++) {
            elements.add(NftElement.of(new byte[] {10, 0, (byte) (i >>> 8), (byte) i}));
        }
        nftables.commit(
                table().addSet(INET, TABLE, NftSet.set("many", NftType.IPV4_ADDRESS))
                        .addElements(INET, TABLE, "many", elements));
        assertThat(nftables.elements(INET, TABLE, "many"))
                .containsExactlyInAnyOrderElementsOf(elements);
    }

    @Test
    void damageIsAnnounced() throws IOException {
        try (Nftables watcher = Namespaces.inNetwork(namespace, Nftables::open);
                Eventfd stop = Eventfd.create()) {
            nftables.commit(table().addChain(INET, TABLE, "chain"));
            watcher.watch();
            nftables.commit(new NftTransaction().deleteTable(INET, TABLE));
            var damaged = new HashSet<String>();
            while (damaged.isEmpty()) {
                assertThat(watcher.awaitChange(stop.fd())).isTrue();
                watcher.changes().stream()
                        .filter(change -> change.deletion() && change.family() == INET)
                        .forEach(change -> damaged.add(change.table()));
            }
            assertThat(damaged).containsExactly(TABLE);
            stop.signal();
            assertThat(watcher.awaitChange(stop.fd())).isFalse();
        }
    }

    @Test
    void rulesOfOthersAreListedAndJoined() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "needs the nft command");
        Namespaces.inNetwork(
                namespace,
                () ->
                        new ProcessBuilder(
                                        "/usr/sbin/nft",
                                        "add table ip filter;"
                                                + " add chain ip filter FORWARD { type filter hook"
                                                + " forward priority 0; policy drop; };"
                                                + " add chain ip filter DOCKER-USER;"
                                                + " add rule ip filter DOCKER-USER ip saddr 10.9.9.9"
                                                + " drop comment \"theirs\";"
                                                + " add rule ip filter DOCKER-USER counter return")
                                .inheritIO()
                                .start()
                                .onExit()
                                .join());
        NftFamily ip = NftFamily.IPV4;
        assertThat(nftables.dropsByPolicy(ip, "filter", "FORWARD")).isTrue();
        assertThat(nftables.dropsByPolicy(ip, "filter", "DOCKER-USER")).isFalse();
        assertThat(nftables.dropsByPolicy(ip, "filter", "nope")).isFalse();
        List<ListedRule> before = nftables.rules(ip, "filter", "DOCKER-USER");
        assertThat(before).hasSize(2);
        assertThat(before.getFirst().comment()).isEqualTo("theirs");
        assertThat(before.getFirst().isBareReturn()).isFalse();
        assertThat(before.getLast().isBareReturn()).isTrue();

        var accept = new NftRule().inputInterface("br0").counter().verdict(NftVerdict.ACCEPT);
        nftables.commit(
                new NftTransaction()
                        .insertRule(ip, "filter", "DOCKER-USER", before.getLast(), accept, "ours")
                        .addRule(ip, "filter", "FORWARD", accept, "ours too"));
        List<ListedRule> after = nftables.rules(ip, "filter", "DOCKER-USER");
        assertThat(after).extracting(ListedRule::comment).containsExactly("theirs", "ours", "");
        assertThat(ruleset())
                .contains("iifname \"br0\" counter packets 0 bytes 0 accept comment \"ours\"")
                .contains("accept comment \"ours too\"");
        nftables.commit(new NftTransaction().deleteRule(ip, "filter", "DOCKER-USER", after.get(1)));
        assertThat(nftables.rules(ip, "filter", "DOCKER-USER")).isEqualTo(before);
        assertThat(nftables.rules(ip, "filter", "nope")).isEmpty();
    }
}
