package dev.corten.kernel.nft;

import dev.corten.kernel.netlink.NetlinkBatch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;

/// Changes that take effect together or not at all, by [Nftables#commit].
public final class NftTransaction {
    static final int NFT_MSG_NEWTABLE = 0;
    static final int NFT_MSG_GETTABLE = 1;
    static final int NFT_MSG_DELTABLE = 2;
    static final int NFT_MSG_NEWCHAIN = 3;
    static final int NFT_MSG_GETCHAIN = 4;
    static final int NFT_MSG_NEWRULE = 6;
    static final int NFT_MSG_GETRULE = 7;
    static final int NFT_MSG_DELRULE = 8;
    static final int NFT_MSG_NEWSET = 9;
    static final int NFT_MSG_NEWSETELEM = 12;
    static final int NFT_MSG_GETSETELEM = 13;
    static final int NFT_MSG_DELSETELEM = 14;

    static final int NFNL_SUBSYS_NFTABLES = 10;

    /// libnftables' number for the comment among its notes on a rule.
    static final int COMMENT = 0;

    private static final int NFNL_MSG_BATCH_BEGIN = 0x10;
    private static final int NFNL_MSG_BATCH_END = 0x11;

    private static final int NFT_SET_INTERVAL = 0x4;
    private static final int NFT_SET_MAP = 0x8;
    private static final int NFT_SET_ELEM_INTERVAL_END = 1;
    static final int NFTA_LIST_ELEM = 1;
    static final int NFTA_DATA_VALUE = 1;

    /// Elements go in messages of at most this many: an attribute has a length of 16 bits.
    private static final int ELEMENTS_PER_MESSAGE = 400;

    /// libnftables' note to itself that a key is in host byte order, without which `nft list`
    /// prints names backwards: a field with number 0, length 4 and value 1.
    private static final byte[] HOST_ORDER_KEY =
            ByteBuffer.allocate(6)
                    .order(ByteOrder.nativeOrder())
                    .put((byte) 0)
                    .put((byte) 4)
                    .putInt(1)
                    .array();

    private final NetlinkBatch batch = new NetlinkBatch();
    private int setId;

    public NftTransaction() {
        batch.begin(NFNL_MSG_BATCH_BEGIN, 0, "nftables transaction");
        familyHeader(0, NFNL_SUBSYS_NFTABLES);
    }

    NetlinkBatch finish() {
        batch.begin(NFNL_MSG_BATCH_END, 0, "end of nftables transaction");
        familyHeader(0, NFNL_SUBSYS_NFTABLES);
        return batch;
    }

    /// Whether nothing was added yet.
    public boolean isEmpty() {
        return batch.count() == 1;
    }

    /// Adds a table; one that is there already is left as it is.
    public NftTransaction addTable(NftFamily family, String table) {
        begin(NFT_MSG_NEWTABLE, NetlinkBatch.CREATE, family, "add table " + table);
        batch.attribute(1, table);
        return this;
    }

    /// Deletes a table with all that is in it; fails with ENOENT if it is not there.
    public NftTransaction deleteTable(NftFamily family, String table) {
        begin(NFT_MSG_DELTABLE, 0, family, "delete table " + table);
        batch.attribute(1, table);
        return this;
    }

    /// Adds a base chain.
    public NftTransaction addChain(NftFamily family, String table, String chain, NftHook hook) {
        begin(NFT_MSG_NEWCHAIN, NetlinkBatch.CREATE, family, "add chain " + table + " " + chain);
        batch.attribute(1, table)
                .attribute(3, chain)
                .nested(
                        4,
                        () ->
                                batch.attributeU32BigEndian(1, hook.number())
                                        .attributeU32BigEndian(2, hook.priority()))
                .attributeU32BigEndian(5, hook.accept() ? 1 : 0)
                .attribute(7, hook.type());
        return this;
    }

    /// Adds a chain that others jump to.
    public NftTransaction addChain(NftFamily family, String table, String chain) {
        begin(NFT_MSG_NEWCHAIN, NetlinkBatch.CREATE, family, "add chain " + table + " " + chain);
        batch.attribute(1, table).attribute(3, chain);
        return this;
    }

    /// Adds a rule at the chain's end.
    public NftTransaction addRule(NftFamily family, String table, String chain, NftRule rule) {
        begin(
                NFT_MSG_NEWRULE,
                NetlinkBatch.CREATE | NetlinkBatch.APPEND,
                family,
                "add rule to " + table + " " + chain);
        return rule(table, chain, rule);
    }

    /// Adds a rule at the chain's start.
    public NftTransaction insertRule(NftFamily family, String table, String chain, NftRule rule) {
        begin(
                NFT_MSG_NEWRULE,
                NetlinkBatch.CREATE,
                family,
                "insert rule into " + table + " " + chain);
        return rule(table, chain, rule);
    }

    /// Adds a rule with a comment, at the chain's end.
    public NftTransaction addRule(
            NftFamily family, String table, String chain, NftRule rule, String comment) {
        addRule(family, table, chain, rule);
        return comment(comment);
    }

    /// Adds a rule with a comment before another of the chain.
    public NftTransaction insertRule(
            NftFamily family,
            String table,
            String chain,
            ListedRule before,
            NftRule rule,
            String comment) {
        insertRule(family, table, chain, rule);
        batch.attributeU64BigEndian(6, before.handle());
        return comment(comment);
    }

    private NftTransaction comment(String comment) {
        byte[] text = comment.getBytes(StandardCharsets.UTF_8);
        batch.attribute(
                7,
                ByteBuffer.allocate(text.length + 3)
                        .put((byte) COMMENT)
                        .put((byte) (text.length + 1))
                        .put(text)
                        .array());
        return this;
    }

    /// Deletes a rule.
    public NftTransaction deleteRule(
            NftFamily family, String table, String chain, ListedRule rule) {
        begin(NFT_MSG_DELRULE, 0, family, "delete rule of " + table + " " + chain);
        batch.attribute(1, table).attribute(2, chain).attributeU64BigEndian(3, rule.handle());
        return this;
    }

    private NftTransaction rule(String table, String chain, NftRule rule) {
        batch.attribute(1, table).attribute(2, chain).nested(4, () -> rule.write(batch));
        return this;
    }

    /// Deletes all rules of a chain.
    public NftTransaction flushChain(NftFamily family, String table, String chain) {
        begin(NFT_MSG_DELRULE, 0, family, "flush chain " + table + " " + chain);
        batch.attribute(1, table).attribute(2, chain);
        return this;
    }

    /// Adds a set or map; the same one that is there already is left as it is.
    public NftTransaction addSet(NftFamily family, String table, NftSet set) {
        begin(NFT_MSG_NEWSET, NetlinkBatch.CREATE, family, "add set " + table + " " + set.name());
        int flags =
                (set.interval() ? NFT_SET_INTERVAL : 0)
                        | (set.value().isPresent() ? NFT_SET_MAP : 0);
        batch.attribute(1, table)
                .attribute(2, set.name())
                .attributeU32BigEndian(3, flags)
                .attributeU32BigEndian(4, set.key().number())
                .attributeU32BigEndian(5, set.key().length())
                .attributeU32BigEndian(10, ++setId);
        if (set.key().equals(NftType.INTERFACE_NAME)) {
            batch.attribute(13, HOST_ORDER_KEY);
        }
        set.value()
                .ifPresent(value -> {
                    batch.attributeU32BigEndian(6, value.number());
                    if (!value.equals(NftType.VERDICT)) {
                        batch.attributeU32BigEndian(7, value.length());
                    }
                });
        return this;
    }

    /// Adds elements. An element that is there with another value fails with EEXIST.
    public NftTransaction addElements(
            NftFamily family, String table, String set, Collection<NftElement> elements) {
        return elements(NFT_MSG_NEWSETELEM, NetlinkBatch.CREATE, family, table, set, elements);
    }

    /// Deletes elements; one that is not there fails with ENOENT.
    public NftTransaction deleteElements(
            NftFamily family, String table, String set, Collection<NftElement> elements) {
        return elements(NFT_MSG_DELSETELEM, 0, family, table, set, elements);
    }

    private NftTransaction elements(
            int type,
            int flags,
            NftFamily family,
            String table,
            String set,
            Collection<NftElement> elements) {
        List<NftElement> all = List.copyOf(elements);
        for (int from = 0; from < all.size(); from += ELEMENTS_PER_MESSAGE) {
            var part = all.subList(from, Math.min(all.size(), from + ELEMENTS_PER_MESSAGE));
            String verb = type == NFT_MSG_NEWSETELEM ? "add" : "delete";
            begin(type, flags, family, verb + " elements of " + table + " " + set);
            batch.attribute(1, table)
                    .attribute(2, set)
                    .nested(3, () -> part.forEach(this::element));
        }
        return this;
    }

    private void element(NftElement element) {
        batch.nested(
                NFTA_LIST_ELEM,
                () -> {
                    batch.nested(1, () -> batch.attribute(NFTA_DATA_VALUE, element.key()));
                    byte[] value = element.value();
                    if (value.length > 0) {
                        batch.nested(2, () -> batch.attribute(NFTA_DATA_VALUE, value));
                    }
                    element.verdict()
                            .ifPresent(verdict -> batch.nested(2, () -> verdict.write(batch)));
                    if (element.isIntervalEnd()) {
                        batch.attributeU32BigEndian(3, NFT_SET_ELEM_INTERVAL_END);
                    }
                });
    }

    private void begin(int message, int flags, NftFamily family, String what) {
        batch.begin(NFNL_SUBSYS_NFTABLES << 8 | message, flags, what);
        familyHeader(family.number(), 0);
    }

    private void familyHeader(int family, int resource) {
        batch.u8(family).u8(0).u16BigEndian(resource);
    }
}
