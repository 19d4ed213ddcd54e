package dev.corten.kernel.nft;

import java.util.Optional;

/// A named set, or a map where there is a value type.
///
/// @param interval whether elements are ranges: each is given as its first key and, flagged, the
///     key behind its last
public record NftSet(String name, NftType key, Optional<NftType> value, boolean interval) {
    public static NftSet set(String name, NftType key) {
        return new NftSet(name, key, Optional.empty(), false);
    }

    public static NftSet map(String name, NftType key, NftType value) {
        return new NftSet(name, key, Optional.of(value), false);
    }
}
