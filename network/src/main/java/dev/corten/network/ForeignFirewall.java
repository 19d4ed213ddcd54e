package dev.corten.network;

import static java.lang.System.Logger.Level.DEBUG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.nft.ListedRule;
import dev.corten.kernel.nft.NftFamily;
import dev.corten.kernel.nft.NftRule;
import dev.corten.kernel.nft.NftTransaction;
import dev.corten.kernel.nft.NftVerdict;
import dev.corten.kernel.nft.Nftables;
import java.io.IOException;
import java.util.List;

/// The way through another engine's rules.
///
/// Docker drops by the policy of iptables' `FORWARD` chain what is not its own, and no table of ours
/// can overrule that. It leaves its chain `DOCKER-USER` to others: there our packets are let
/// through, behind the rules of users, so that their drops hold. What our own table drops stays
/// dropped. A host that closes forwarding without such a chain means it.
///
/// Called on the network thread.
final class ForeignFirewall {
    private static final System.Logger log = System.getLogger(ForeignFirewall.class.getName());

    private static final NftFamily FAMILY = NftFamily.IPV4;
    static final String TABLE = "filter";
    private static final String FORWARD = "FORWARD";
    private static final String CHAIN = "DOCKER-USER";

    private final Nftables nftables;
    private final String bridge;

    /// What our rules are known by.
    private final String comment;

    ForeignFirewall(Nftables nftables, Instance instance, String bridge) {
        this.nftables = nftables;
        this.bridge = bridge;
        this.comment = instance.table();
    }

    /// Makes our rules if they are needed and not there; says whether that was so.
    boolean pass() throws IOException {
        if (!nftables.dropsByPolicy(FAMILY, TABLE, FORWARD)) {
            return false;
        }
        List<ListedRule> rules = nftables.rules(FAMILY, TABLE, CHAIN);
        if (rules.stream().anyMatch(this::isOurs) || !hasChain()) {
            return false;
        }
        var transaction = new NftTransaction();
        add(transaction, rules, new NftRule().inputInterface(bridge));
        add(transaction, rules, new NftRule().outputInterface(bridge));
        try {
            nftables.commit(transaction);
            return true;
        } catch (Errno e) {
            if (!e.is(Errno.ENOENT)) {
                throw e;
            }
            // Its owner is at work; the next change is announced.
            log.log(DEBUG, "chain " + CHAIN + " has changed meanwhile", e);
            return false;
        }
    }

    private boolean hasChain() throws IOException {
        return nftables.chains(FAMILY, TABLE).contains(CHAIN);
    }

    private void add(NftTransaction transaction, List<ListedRule> rules, NftRule match) {
        NftRule rule = match.counter().verdict(NftVerdict.ACCEPT);
        // Older engines end the chain with a return, behind which nothing counts.
        if (!rules.isEmpty() && rules.getLast().isBareReturn()) {
            transaction.insertRule(FAMILY, TABLE, CHAIN, rules.getLast(), rule, comment);
        } else {
            transaction.addRule(FAMILY, TABLE, CHAIN, rule, comment);
        }
    }

    /// Takes our rules away.
    void withdraw() throws IOException {
        var transaction = new NftTransaction();
        nftables.rules(FAMILY, TABLE, CHAIN).stream()
                .filter(this::isOurs)
                .forEach(rule -> transaction.deleteRule(FAMILY, TABLE, CHAIN, rule));
        nftables.commit(transaction);
    }

    private boolean isOurs(ListedRule rule) {
        return rule.comment().equals(comment);
    }
}
