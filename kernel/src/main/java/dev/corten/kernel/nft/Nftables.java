package dev.corten.kernel.nft;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Poll;
import dev.corten.kernel.netlink.NetlinkAnswer;
import dev.corten.kernel.netlink.NetlinkAttributes;
import dev.corten.kernel.netlink.NetlinkBatch;
import dev.corten.kernel.netlink.NetlinkSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The nftables of one network namespace: the one of the thread that called [#open].
public final class Nftables implements AutoCloseable {
    private static final int DUMP_ATTEMPTS = 1000;

    /// Deletion of tables and all other changes are announced to this group.
    private static final int NFNLGRP_NFTABLES = 7;

    /// Of tables, chains, rules and sets.
    private static final Set<Integer> DELETIONS = Set.of(2, 5, 8, 11);

    private static final Set<Integer> ADDITIONS = Set.of(0, 3, 6, 9);

    // linux/netfilter.h
    private static final int NF_DROP = 0;
    private static final int NF_ACCEPT = 1;

    private static final int NFGENMSG_SIZE = 4;
    private final NetlinkSocket socket;

    private Nftables(NetlinkSocket socket) {
        this.socket = socket;
    }

    /// Opens a socket in the calling thread's network namespace.
    public static Nftables open() throws IOException {
        return new Nftables(NetlinkSocket.open(NetlinkSocket.NETFILTER));
    }

    /// Carries the transaction out, in full or not at all.
    ///
    /// @throws Errno for the first change that was refused
    public void commit(NftTransaction transaction) throws IOException {
        if (!transaction.isEmpty()) {
            socket.executeTransaction(transaction.finish());
        }
    }

    /// The names of the family's tables.
    public List<String> tables(NftFamily family) throws IOException {
        var request = dump(NftTransaction.NFT_MSG_GETTABLE, family, "list tables");
        return socket.request(request).stream()
                .map(answer -> answer.attributes(NFGENMSG_SIZE).text(1))
                .toList();
    }

    /// The names of a table's chains.
    public List<String> chains(NftFamily family, String table) throws IOException {
        var request = dump(NftTransaction.NFT_MSG_GETCHAIN, family, "list chains");
        return socket.request(request).stream()
                .map(answer -> answer.attributes(NFGENMSG_SIZE))
                .filter(attributes -> attributes.text(1).equals(table))
                .map(attributes -> attributes.text(3))
                .toList();
    }

    /// Whether a base chain drops what none of its rules decides; no where there is no such chain.
    public boolean dropsByPolicy(NftFamily family, String table, String chain) throws IOException {
        var request = dump(NftTransaction.NFT_MSG_GETCHAIN, family, "list chains");
        return socket.request(request).stream()
                .map(answer -> answer.attributes(NFGENMSG_SIZE))
                .filter(attributes -> attributes.text(1).equals(table))
                .filter(attributes -> attributes.text(3).equals(chain))
                .anyMatch(attributes ->
                        attributes.bytes(4).isPresent()
                                && attributes.u32BigEndian(5, NF_ACCEPT) == NF_DROP);
    }

    /// The rules of a chain, in order; none where it does not exist.
    public List<ListedRule> rules(NftFamily family, String table, String chain) throws IOException {
        var request = dump(NftTransaction.NFT_MSG_GETRULE, family, "list rules");
        request.attribute(1, table).attribute(2, chain);
        try {
            return socket.request(request).stream()
                    .map(answer -> rule(answer.attributes(NFGENMSG_SIZE)))
                    .toList();
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return List.of();
            }
            throw e;
        }
    }

    private static ListedRule rule(NetlinkAttributes attributes) {
        var names = new ArrayList<String>();
        Optional<NftVerdict> last = Optional.empty();
        for (byte[] bytes : attributes.nested(4).all(NftTransaction.NFTA_LIST_ELEM)) {
            NetlinkAttributes expression = NetlinkAttributes.parse(bytes, 0);
            names.add(expression.text(1));
            NetlinkAttributes verdict = expression.nested(2).nested(2).nested(2);
            last =
                    expression.text(1).equals("immediate") && verdict.bytes(1).isPresent()
                            ? Optional.of(
                                    new NftVerdict(verdict.u32BigEndian(1, 0), verdict.text(2)))
                            : Optional.empty();
        }
        return new ListedRule(
                attributes.u64BigEndian(3, 0),
                attributes.bytes(7).map(Nftables::comment).orElse(""),
                names,
                last);
    }

    /// libnftables' notes on a rule: a type, a length and a text that ends with a zero byte each.
    private static String comment(byte[] notes) {
        int at = 0;
        while (at + 2 <= notes.length) {
            int length = notes[at + 1] & 0xFF;
            if (notes[at] == NftTransaction.COMMENT && at + 2 + length <= notes.length) {
                return new String(notes, at + 2, Math.max(0, length - 1), StandardCharsets.UTF_8);
            }
            at += 2 + length;
        }
        return "";
    }

    /// How many rules a chain has; none where it does not exist.
    public int countRules(NftFamily family, String table, String chain) throws IOException {
        var request = dump(NftTransaction.NFT_MSG_GETRULE, family, "list rules");
        request.attribute(1, table).attribute(2, chain);
        try {
            return socket.request(request).size();
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return 0;
            }
            throw e;
        }
    }

    /// The elements of a set or map.
    ///
    /// @throws Errno ENOENT if there is no such set
    public List<NftElement> elements(NftFamily family, String table, String set)
            throws IOException {
        var request =
                dump(
                        NftTransaction.NFT_MSG_GETSETELEM,
                        family,
                        "list elements of " + table + " " + set);
        request.attribute(1, table).attribute(2, set);
        // The kernel resizes the set's hash table behind our back, a little after many changes. A
        // dump of several messages then shows some elements twice and others not at all; it does
        // not say so.
        for (int attempt = 1; ; attempt++) {
            var elements = new ArrayList<NftElement>();
            var seen = new HashSet<ByteBuffer>();
            boolean twice = false;
            for (NetlinkAnswer answer : socket.request(request)) {
                NetlinkAttributes list = answer.attributes(NFGENMSG_SIZE).nested(3);
                for (byte[] bytes : list.all(NftTransaction.NFTA_LIST_ELEM)) {
                    elements.add(element(NetlinkAttributes.parse(bytes, 0)));
                    twice |= !seen.add(ByteBuffer.wrap(bytes));
                }
            }
            if (!twice) {
                return elements;
            }
            if (attempt == DUMP_ATTEMPTS) {
                throw new IOException("set " + table + " " + set + " does not come to rest");
            }
        }
    }

    private static NftElement element(NetlinkAttributes attributes) {
        byte[] key =
                attributes
                        .nested(1)
                        .bytes(NftTransaction.NFTA_DATA_VALUE)
                        .orElseThrow(() -> new IllegalStateException("an element without key"));
        boolean end =
                attributes
                        .bytes(3)
                        .map(flags -> (ByteBuffer.wrap(flags).getInt() & 1) != 0)
                        .orElse(false);
        if (end) {
            return NftElement.intervalEnd(key);
        }
        NetlinkAttributes data = attributes.nested(2);
        Optional<byte[]> verdict = data.bytes(2);
        if (verdict.isPresent()) {
            NetlinkAttributes parts = data.nested(2);
            return NftElement.of(key, new NftVerdict(parts.u32BigEndian(1, 0), parts.text(2)));
        }
        return data.bytes(NftTransaction.NFTA_DATA_VALUE)
                .map(value -> NftElement.of(key, value))
                .orElseGet(() -> NftElement.of(key));
    }

    /// Makes this socket receive announcements of changes; it must not be used for anything else
    /// from then on.
    public void watch() throws IOException {
        socket.join(NFNLGRP_NFTABLES);
    }

    /// Waits for an announcement, until one comes or `stop` becomes readable; says whether one has
    /// come. Blocks its thread.
    public boolean awaitChange(Fd stop) throws IOException {
        int[] events = Poll.poll(new Fd[] {socket.fd(), stop}, new int[] {Poll.IN, Poll.IN}, null);
        return events[1] == 0;
    }

    /// Reads announcements. (Elements come and go and are not told of.)
    ///
    /// @throws Errno ENOBUFS when announcements were lost
    public List<NftChange> changes() throws IOException {
        var changes = new ArrayList<NftChange>();
        for (NetlinkAnswer message : socket.receive()) {
            int type = message.type() & 0xFF;
            boolean deletion = DELETIONS.contains(type);
            if (message.type() >>> 8 == NftTransaction.NFNL_SUBSYS_NFTABLES
                    && (deletion || ADDITIONS.contains(type))) {
                String table = message.attributes(NFGENMSG_SIZE).text(1);
                NftFamily.of(message.u8(0))
                        .ifPresent(family -> changes.add(new NftChange(family, table, deletion)));
            }
        }
        return changes;
    }

    private static NetlinkBatch dump(int message, NftFamily family, String description) {
        return new NetlinkBatch()
                .begin(
                        NftTransaction.NFNL_SUBSYS_NFTABLES << 8 | message,
                        NetlinkBatch.DUMP,
                        description)
                .u8(family.number())
                .u8(0)
                .u16BigEndian(0);
    }

    @Override
    public void close() {
        socket.close();
    }
}
