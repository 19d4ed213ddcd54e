package dev.corten.network.address;

import dev.corten.model.Unavailable;
import java.net.InetAddress;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;

/// Hands out the addresses of a subnet, or of a part of it: ascending, and a released one not again
/// before the search has wrapped around, so that a peer's stale ARP entry or connection does not
/// meet a stranger.
///
/// Never handed out: the network's own address, the broadcast address, and what was reserved (the
/// gateway, what the host has there). Safe for use by several threads. What is in use is rebuilt
/// at start-up by [#reserve] from the containers' own records.
public final class AddressPool {
    /// Pools larger than this are not used to their end: nobody has as many containers.
    private static final int MAX_BITS = 20;

    private final Subnet subnet;

    /// The first and the last offset that is handed out.
    private final int first;

    private final int last;
    private final ReentrantLock lock = new ReentrantLock();

    /// guarded by lock
    private final BitSet used = new BitSet();

    /// Where the next search starts; guarded by lock
    private int cursor;

    /// All of a subnet.
    public AddressPool(Subnet subnet) {
        this(subnet, subnet);
    }

    /// @param range the part of the subnet that is handed out
    /// @throws IllegalArgumentException if it is not part of the subnet, or begins too far behind
    ///     its start
    public AddressPool(Subnet subnet, Subnet range) {
        this.subnet = subnet;
        int size = 1 << Math.min(subnet.hostBits(), MAX_BITS);
        long begin = subnet.offset(range.network());
        if (range.prefixLength() < subnet.prefixLength() || begin >= size) {
            throw new IllegalArgumentException(range + " is not a usable part of " + subnet);
        }
        this.first = (int) begin;
        this.last = (int) Math.min(size - 1, begin + (1L << range.hostBits()) - 1);
        cursor = first;
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
    /// @throws Unavailable in Docker's words if there is none
    public InetAddress allocate() {
        lock.lock();
        try {
            int free = used.nextClearBit(cursor);
            if (free > last) {
                free = used.nextClearBit(first);
            }
            if (free > last) {
                throw new Unavailable(
                        "no available IPv4 addresses on this network's address pools");
            }
            used.set(free);
            cursor = free + 1;
            return subnet.at(free);
        } finally {
            lock.unlock();
        }
    }

    /// Takes this address; says whether it was free. One outside of the pool is nobody's.
    public boolean reserve(InetAddress address) {
        if (!subnet.contains(address) || subnet.offset(address) > last) {
            return true;
        }
        lock.lock();
        try {
            int offset = (int) subnet.offset(address);
            boolean free = !used.get(offset);
            used.set(offset);
            return free;
        } finally {
            lock.unlock();
        }
    }

    /// Takes all addresses of a part of the subnet that somebody else has.
    public void reserve(Subnet part) {
        long begin = subnet.offset(part.network());
        lock.lock();
        try {
            if (begin <= last) {
                long end = begin + (1L << part.hostBits());
                used.set((int) begin, (int) Math.min(end, last + 1L));
            }
        } finally {
            lock.unlock();
        }
    }

    /// Moves the search behind this address, as if it had been the last one handed out.
    public void continueAfter(InetAddress address) {
        if (!subnet.contains(address)) {
            return;
        }
        long offset = subnet.offset(address);
        lock.lock();
        try {
            if (offset >= first && offset <= last) {
                cursor = (int) offset + 1;
            }
        } finally {
            lock.unlock();
        }
    }

    /// Gives an address back; one that is not taken is left alone.
    public void release(InetAddress address) {
        if (!subnet.contains(address) || subnet.offset(address) > last) {
            return;
        }
        lock.lock();
        try {
            used.clear((int) subnet.offset(address));
        } finally {
            lock.unlock();
        }
    }
}
