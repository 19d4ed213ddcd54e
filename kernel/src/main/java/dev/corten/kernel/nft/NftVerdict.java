package dev.corten.kernel.nft;

import dev.corten.kernel.netlink.NetlinkBatch;

/// What becomes of a packet.
///
/// @param chain where to jump or go to; empty for the others
public record NftVerdict(int code, String chain) {
    public static final NftVerdict DROP = new NftVerdict(0, "");
    public static final NftVerdict ACCEPT = new NftVerdict(1, "");
    public static final NftVerdict RETURN = new NftVerdict(-5, "");

    private static final int NFT_JUMP = -3;
    private static final int NFT_GOTO = -4;
    private static final int NFTA_DATA_VERDICT = 2;
    private static final int NFTA_VERDICT_CODE = 1;
    private static final int NFTA_VERDICT_CHAIN = 2;

    public static NftVerdict jump(String chain) {
        return new NftVerdict(NFT_JUMP, chain);
    }

    public static NftVerdict goTo(String chain) {
        return new NftVerdict(NFT_GOTO, chain);
    }

    /// Writes this as the content of an `NFTA_*_DATA` attribute.
    void write(NetlinkBatch batch) {
        batch.nested(
                NFTA_DATA_VERDICT,
                () -> {
                    batch.attributeU32BigEndian(NFTA_VERDICT_CODE, code);
                    if (!chain.isEmpty()) {
                        batch.attribute(NFTA_VERDICT_CHAIN, chain);
                    }
                });
    }
}
