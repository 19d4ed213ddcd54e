package dev.corten.kernel.nft;

/// The family that a table belongs to.
public enum NftFamily {
    INET(1),
    IPV4(2),
    BRIDGE(7),
    IPV6(10);

    private final int number;

    NftFamily(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
