package dev.corten.network;

import dev.corten.model.Unavailable;
import java.net.InetAddress;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;

/// Hands out the addresses of a subnet: ascending, and a released one not again before the search
/// has wrapped around, so that a peer's stale ARP entry or connection does not meet a stranger.
///
/// Never handed out: the network's own address, the broadcast address, and what was reserved (the
/// gateway). Safe for use by several threads. What is in use is rebuilt at start-up by [#reserve]
/// from the containers' own records.
public final class AddressPool {
    /// Pools larger than this are not used to their end: nobody has as many containers.
    private static final int MAX_BITS = 20;

    private final Subnet subnet;
    private final int size;
    private final ReentrantLock lock = new ReentrantLock();

    /// guarded by lock
    private final BitSet used = new BitSet();

    /// Where the next search starts; guarded by lock
    private int cursor = 1;

    public AddressPool(Subnet subnet) {
        this.subnet = subnet;
        this.size = 1 << Math.min(subnet.hostBits(), MAX_BITS);
        used.set(0);
        if (subnet.hostBits() >= 2 && subnet.hostBits() <= MAX_BITS) {
            used.set(size - 1);
        }
    }

    public Subnet subnet() {
        return subnet;
    }

    /// Takes the next free address.
    ///
    /// @throws Unavailable if there is none
    public InetAddress allocate() {
        lock.lock();
        try {
            int free = used.nextClearBit(cursor);
            if (free >= size) {
                free = used.nextClearBit(0);
            }
            if (free >= size) {
                throw new Unavailable(
                        "no available IPv4 addresses on this network's address pools: "
                                + new Subnet(subnet.network(), subnet.prefixLength()));
            }
            used.set(free);
            cursor = free + 1;
            return subnet.at(free);
        } finally {
            lock.unlock();
        }
    }

    /// Takes this address; says whether it was free.
    ///
    /// @throws IllegalArgumentException if it is not in the subnet
    public boolean reserve(InetAddress address) {
        long offset = subnet.offset(address);
        if (offset >= size) {
            throw new IllegalArgumentException(address.getHostAddress() + " is beyond the pool");
        }
        lock.lock();
        try {
            boolean free = !used.get((int) offset);
            used.set((int) offset);
            return free;
        } finally {
            lock.unlock();
        }
    }

    /// Moves the search behind this address, as if it had been the last one handed out.
    public void continueAfter(InetAddress address) {
        long offset = subnet.offset(address);
        lock.lock();
        try {
            cursor = (int) Math.min(Math.max(cursor, offset + 1), size);
        } finally {
            lock.unlock();
        }
    }

    /// Gives an address back; one that is not taken is left alone.
    public void release(InetAddress address) {
        long offset = subnet.offset(address);
        lock.lock();
        try {
            used.clear((int) offset);
        } finally {
            lock.unlock();
        }
    }
}
