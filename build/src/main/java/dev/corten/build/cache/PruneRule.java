package dev.corten.build.cache;

import java.time.Duration;
import java.util.List;

/// What may go: what the filter means, was not used for some time, and, if there is a bound, only until
/// it is kept.
///
/// @param all what images share too, and what is cheap to keep
/// @param unusedFor what was used since is left alone; zero: nothing is
/// @param reservedSpace bytes that are never gone below; 0: none
/// @param maxUsedSpace bytes that are not to be exceeded; 0: as many as there are
/// @param minFreeSpace bytes that are to be free on the disk; 0: none
public record PruneRule(
        boolean all,
        CacheFilter filter,
        Duration unusedFor,
        long reservedSpace,
        long maxUsedSpace,
        long minFreeSpace) {
    private static final int RESERVED_PERCENT = 10;
    private static final int MAX_PERCENT = 80;
    private static final int FREE_PERCENT = 20;
    private static final Duration QUICKLY = Duration.ofDays(2);
    private static final Duration LONG = Duration.ofDays(60);

    public PruneRule {
        if (reservedSpace < 0 || maxUsedSpace < 0 || minFreeSpace < 0 || unusedFor.isNegative()) {
            throw new IllegalArgumentException("negative bound of a cache");
        }
    }

    /// All that is not in use, without a bound.
    public static PruneRule everything() {
        return new PruneRule(true, CacheFilter.ALL, Duration.ZERO, 0, 0, 0);
    }

    /// How much is kept of what there is; 0: there is no bound.
    long keeps(long total, long free) {
        if (reservedSpace == 0 && maxUsedSpace == 0 && minFreeSpace == 0) {
            return 0;
        }
        long keep = maxUsedSpace;
        long missing = minFreeSpace - free;
        if (missing > 0) {
            long rest = Math.max(0, total - missing);
            keep = keep == 0 ? rest : Math.min(keep, rest);
        } else if (maxUsedSpace == 0 && reservedSpace == 0) {
            return Long.MAX_VALUE; // enough is free
        }
        // One byte: that nothing is to be kept is a bound too.
        return Math.max(1, Math.max(keep, reservedSpace));
    }

    /// The usual policy, as Docker's: what is made anew quickly goes after two days, the rest when it
    /// was not used for sixty or is too much for the disk.
    ///
    /// @param disk bytes of the file system
    /// @param reserved, maximum, free as configured; all 0: by the size of the disk
    public static List<PruneRule> usual(long disk, long reserved, long maximum, long free) {
        boolean configured = reserved != 0 || maximum != 0 || free != 0;
        long reserve = configured ? reserved : percent(disk, RESERVED_PERCENT);
        long max = configured ? maximum : percent(disk, MAX_PERCENT);
        long minimum = configured ? free : percent(disk, FREE_PERCENT);
        long quick = (configured && reserved == 0 ? maximum : reserve) / 275 * 38;
        return List.of(
                new PruneRule(
                        false,
                        CacheFilter.types(
                                CacheUsage.LOCAL_SOURCE,
                                CacheUsage.CACHE_MOUNT,
                                "source.git.checkout"),
                        QUICKLY,
                        0,
                        quick,
                        0),
                new PruneRule(false, CacheFilter.ALL, LONG, reserve, max, minimum),
                new PruneRule(false, CacheFilter.ALL, Duration.ZERO, reserve, max, minimum),
                new PruneRule(true, CacheFilter.ALL, Duration.ZERO, reserve, max, minimum));
    }

    /// Rounded up to a gigabyte.
    private static long percent(long disk, int percent) {
        return (disk / 100 * percent / (1L << 30) + 1) * 1_000_000_000;
    }
}
