package dev.corten.network;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import dev.corten.kernel.Errno;
import dev.corten.kernel.netlink.Rtnetlink;
import dev.corten.kernel.netlink.RtnetlinkBatch;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;

/// Sandboxes that are kept ready, and the removal of those that have served: what nobody waits for.
/// Thread-safe; the work is done on the background thread.
final class Spares {
    private static final System.Logger log = System.getLogger(Spares.class.getName());

    private final Sandboxes sandboxes;
    private final NetworkThread background;

    /// Used on the background thread only.
    private final Rtnetlink host;

    private final int bridge;
    private final int prepared;
    private final ConcurrentLinkedDeque<Sandboxes.Wired> wired = new ConcurrentLinkedDeque<>();
    private final ConcurrentLinkedDeque<Netns> bare = new ConcurrentLinkedDeque<>();
    private final AtomicBoolean refilling = new AtomicBoolean();
    private volatile boolean closing;

    /// @param host a socket for this alone, closed by the caller
    /// @param bridge the index of the bridge that sandboxes are wired to
    /// @param prepared how many are kept ready
    Spares(
            Sandboxes sandboxes,
            NetworkThread background,
            Rtnetlink host,
            int bridge,
            int prepared) {
        this.sandboxes = sandboxes;
        this.background = background;
        this.host = host;
        this.bridge = bridge;
        this.prepared = prepared;
    }

    /// One that only lacks its address, if there is one.
    Optional<Sandboxes.Wired> takeWired() {
        return Optional.ofNullable(wired.pollFirst());
    }

    /// One with `lo` only, if there is one.
    Optional<Netns> takeBare() {
        return Optional.ofNullable(bare.pollFirst());
    }

    /// While a container starts, new sandboxes would take the processor and the kernel's network
    /// lock from it: as long as half of them are left, they are made when the next one ends.
    void refillSoon() {
        if (wired.size() <= prepared / 2 || bare.size() <= prepared / 4) {
            refill();
        }
    }

    void refill() {
        if (!closing && refilling.compareAndSet(false, true)) {
            background.later(() -> {
                refilling.set(false);
                prepare();
            });
        }
    }

    private void prepare() {
        try {
            while (!closing && wired.size() < prepared) {
                wired.addLast(sandboxes.createWired(host, bridge));
            }
            while (!closing && bare.size() < (prepared + 1) / 2) {
                bare.addLast(sandboxes.create());
            }
        } catch (IOException | CortenException e) {
            // Whoever needs one next makes it and reports what is wrong.
            log.log(WARNING, "cannot prepare network sandboxes", e);
        }
    }

    /// From here on none are made.
    void stop() {
        closing = true;
    }

    /// Removes all that are left; on the background thread.
    void drain() {
        for (Netns netns = bare.pollFirst(); netns != null; netns = bare.pollFirst()) {
            remove(netns);
        }
        for (var one = wired.pollFirst(); one != null; one = wired.pollFirst()) {
            one.inside().close();
            remove(one.netns(), one.hostLink());
        }
    }

    /// Removes a sandbox some time.
    void removeSoon(Netns netns, String hostLink) {
        background.later(() -> remove(netns, hostLink));
    }

    void removeSoon(Netns netns) {
        background.later(() -> remove(netns));
    }

    private void remove(Netns netns, String hostLink) {
        try {
            deleteLink(hostLink);
        } catch (IOException e) {
            log.log(WARNING, () -> "cannot delete link " + hostLink, e);
        }
        remove(netns);
    }

    /// On the background thread.
    void deleteLink(String name) throws IOException {
        try {
            host.execute(new RtnetlinkBatch().delete(name));
        } catch (Errno e) {
            if (!e.is(Errno.ENODEV)) {
                throw e;
            }
            log.log(DEBUG, () -> "link " + name + " has gone with its namespace");
        }
    }

    private void remove(Netns netns) {
        try {
            sandboxes.remove(netns);
        } catch (IOException e) {
            log.log(WARNING, () -> "cannot remove network namespace " + netns.name(), e);
        }
    }
}
