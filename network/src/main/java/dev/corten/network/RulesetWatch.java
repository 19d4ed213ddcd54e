package dev.corten.network;

import static java.lang.System.Logger.Level.WARNING;

import dev.corten.kernel.Errno;
import dev.corten.kernel.file.Eventfd;
import dev.corten.kernel.nft.NftFamily;
import dev.corten.kernel.nft.Nftables;
import java.io.IOException;

/// Notices when somebody else deletes our nftables table or rules of it (`nft flush ruleset`, a
/// restart of the host's firewall service).
///
/// A thread of its own waits for the kernel's announcements; [#close] ends it.
final class RulesetWatch implements AutoCloseable {
    private static final System.Logger log = System.getLogger(RulesetWatch.class.getName());

    private final Nftables announcements;
    private final Eventfd stop;
    private final String table;
    private final Runnable onDamage;
    private final Thread thread;

    /// @param announcements a socket for this alone; closed with this object
    /// @param onDamage called on the watch's thread; also when nothing may be wrong
    RulesetWatch(Nftables announcements, String table, Runnable onDamage) throws IOException {
        this.announcements = announcements;
        this.table = table;
        this.onDamage = onDamage;
        stop = Eventfd.create();
        announcements.watch();
        thread = Thread.ofPlatform().name("network-watch").daemon().start(this::watch);
    }

    private void watch() {
        try {
            while (announcements.awaitChange(stop.fd())) {
                if (isDamaged()) {
                    onDamage.run();
                }
            }
        } catch (IOException e) {
            log.log(WARNING, "changes of the firewall are no longer noticed", e);
        }
    }

    private boolean isDamaged() throws IOException {
        try {
            return announcements.damagedTables(NftFamily.INET).contains(table);
        } catch (Errno e) {
            if (e.is(Errno.ENOBUFS)) {
                return true; // announcements were lost: better look
            }
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            stop.signal();
        } catch (Errno e) {
            log.log(WARNING, "cannot end the watch of the firewall", e);
            return;
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        stop.close();
        announcements.close();
    }
}
