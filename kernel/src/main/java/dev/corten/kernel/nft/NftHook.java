package dev.corten.kernel.nft;

/// Where a base chain is called from.
///
/// @param type `filter` or `nat`
/// @param number the netfilter hook, one of the constants
/// @param priority lower ones come first; conntrack is at -200, destination NAT usually at -100,
///     filters at 0, source NAT at 100
/// @param accept the policy: accept or drop what no rule decides
public record NftHook(String type, int number, int priority, boolean accept) {
    public static final int PREROUTING = 0;
    public static final int INPUT = 1;
    public static final int FORWARD = 2;
    public static final int OUTPUT = 3;
    public static final int POSTROUTING = 4;

    public static final int PRIORITY_RAW = -300;
    public static final int PRIORITY_DESTINATION_NAT = -100;
    public static final int PRIORITY_FILTER = 0;
    public static final int PRIORITY_SOURCE_NAT = 100;
}
