package dev.corten.kernel.nft;

import java.util.Arrays;
import java.util.Optional;

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

    /// The family with this number, if it is one of these.
    static Optional<NftFamily> of(int number) {
        return Arrays.stream(values()).filter(family -> family.number == number).findFirst();
    }
}
