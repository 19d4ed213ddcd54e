package dev.corten.network;

import static java.lang.System.Logger.Level.WARNING;

import dev.corten.kernel.Errno;
import dev.corten.kernel.file.Eventfd;
import dev.corten.kernel.nft.NftChange;
import dev.corten.kernel.nft.NftFamily;
import dev.corten.kernel.nft.Nftables;
import java.io.IOException;

/// Notices when somebody else deletes our nftables table or rules of it (`nft flush ruleset`, a
/// restart of the host's firewall service), or changes the rules that our packets pass too.
///
/// A thread of its own waits for the kernel's announcements; [#close] ends it.
final class RulesetWatch implements AutoCloseable {
    private static final System.Logger log = System.getLogger(RulesetWatch.class.getName());

    private final Nftables announcements;
    private final Eventfd stop;
    private final String table;
    private final Runnable onDamage;
    private final Runnable onForeign;
    private final Thread thread;

    /// @param announcements a socket for this alone; closed with this object
    /// @param onDamage called on the watch's thread; also when nothing may be wrong
    /// @param onForeign likewise, after changes of [ForeignFirewall#TABLE]
    RulesetWatch(Nftables announcements, String table, Runnable onDamage, Runnable onForeign)
            throws IOException {
        this.announcements = announcements;
        this.table = table;
        this.onDamage = onDamage;
        this.onForeign = onForeign;
        stop = Eventfd.create();
        announcements.watch();
        thread = Thread.ofPlatform().name("network-watch").daemon().start(this::watch);
    }

    private void watch() {
        try {
            while (announcements.awaitChange(stop.fd())) {
                tell();
            }
        } catch (IOException e) {
            log.log(WARNING, "changes of the firewall are no longer noticed", e);
        }
    }

    private void tell() throws IOException {
        boolean damage = false;
        boolean foreign = false;
        try {
            for (NftChange change : announcements.changes()) {
                damage |=
                        change.deletion()
                                && change.family() == NftFamily.INET
                                && change.table().equals(table);
                foreign |=
                        change.family() == NftFamily.IPV4
                                && change.table().equals(ForeignFirewall.TABLE);
            }
        } catch (Errno e) {
            if (!e.is(Errno.ENOBUFS)) {
                throw e;
            }
            damage = true; // announcements were lost: better look
            foreign = true;
        }
        if (damage) {
            onDamage.run();
        }
        if (foreign) {
            onForeign.run();
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
