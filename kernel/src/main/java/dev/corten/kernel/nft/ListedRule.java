package dev.corten.kernel.nft;

import java.util.List;
import java.util.Optional;

/// A rule as the kernel lists it.
///
/// @param handle by which it can be deleted, or others be put before it
/// @param comment empty for none
/// @param expressions their names, in order
/// @param verdict of its last expression, if that has one
public record ListedRule(
        long handle, String comment, List<String> expressions, Optional<NftVerdict> verdict) {
    /// Whether it ends every packet's way through the chain without doing anything.
    public boolean isBareReturn() {
        return expressions.stream().allMatch(name -> name.equals("counter") || isVerdict(name))
                && verdict.equals(Optional.of(NftVerdict.RETURN));
    }

    private static boolean isVerdict(String expression) {
        return expression.equals("immediate");
    }
}
