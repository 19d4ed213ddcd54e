package dev.corten.kernel.nft;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/// An element of a set or map. Compared by content, so that what is there can be told from what
/// should be.
public final class NftElement {
    private final byte[] key;
    private final byte[] value;
    private final Optional<NftVerdict> verdict;
    private final boolean intervalEnd;

    private NftElement(
            byte[] key, byte[] value, Optional<NftVerdict> verdict, boolean intervalEnd) {
        this.key = key.clone();
        this.value = value.clone();
        this.verdict = verdict;
        this.intervalEnd = intervalEnd;
    }

    /// An element of a set.
    public static NftElement of(byte[] key) {
        return new NftElement(key, new byte[0], Optional.empty(), false);
    }

    /// An element of a map.
    public static NftElement of(byte[] key, byte[] value) {
        return new NftElement(key, value, Optional.empty(), false);
    }

    /// An element of a verdict map.
    public static NftElement of(byte[] key, NftVerdict verdict) {
        return new NftElement(key, new byte[0], Optional.of(verdict), false);
    }

    /// The end of a range, exclusive.
    public static NftElement intervalEnd(byte[] key) {
        return new NftElement(key, new byte[0], Optional.empty(), true);
    }

    public byte[] key() {
        return key.clone();
    }

    /// The value in a map; empty in sets and verdict maps.
    public byte[] value() {
        return value.clone();
    }

    public Optional<NftVerdict> verdict() {
        return verdict;
    }

    public boolean isIntervalEnd() {
        return intervalEnd;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NftElement that
                && Arrays.equals(key, that.key)
                && Arrays.equals(value, that.value)
                && verdict.equals(that.verdict)
                && intervalEnd == that.intervalEnd;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(key);
    }

    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.formatHex(key)
                + (value.length == 0 ? "" : " : " + hex.formatHex(value))
                + verdict.map(v -> " : " + v).orElse("")
                + (intervalEnd ? " (end)" : "");
    }
}
