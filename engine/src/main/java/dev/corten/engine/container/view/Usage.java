package dev.corten.engine.container.view;

import dev.corten.model.container.CgroupStats;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a container has used of the host up to one moment.
///
/// @param hostNanos the time that all processors of the host have spent, idle or not
/// @param processors of the host that are on line
/// @param memoryLimit what it can use at most: the host's memory if nobody set less
/// @param interfaces of its network, by name; none for one that has no network of its own
public record Usage(
        Instant at,
        CgroupStats group,
        long hostNanos,
        int processors,
        long memoryLimit,
        SortedMap<String, Traffic> interfaces) {
    public Usage {
        interfaces = Collections.unmodifiableSortedMap(new TreeMap<>(interfaces));
    }

    /// What went over a network interface.
    public record Traffic(
            long receivedBytes,
            long receivedPackets,
            long receiveErrors,
            long receiveDrops,
            long sentBytes,
            long sentPackets,
            long sendErrors,
            long sendDrops) {}

    /// As the earlier one of two close together. The kernel counts the host's time in ticks of 10
    /// ms, which is too coarse for the difference; the clock tells that exactly.
    public Usage before(Usage later) {
        long elapsed = Duration.between(at, later.at).toNanos();
        return new Usage(
                at,
                group,
                later.hostNanos - elapsed * processors,
                processors,
                memoryLimit,
                interfaces);
    }
}
