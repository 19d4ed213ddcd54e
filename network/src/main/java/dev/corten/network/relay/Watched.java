package dev.corten.network.relay;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Epoll;

/// A descriptor that the loop waits for, as long as something is wanted of it. It belongs to this
/// object.
///
/// One of which nothing is wanted is not watched at all: the kernel would tell of its end again and
/// again.
final class Watched {
    private final Epoll epoll;
    private final Fd fd;
    private final long key;
    private int wanted;

    Watched(Epoll epoll, Fd fd, long key) {
        this.epoll = epoll;
        this.fd = fd;
        this.key = key;
    }

    long key() {
        return key;
    }

    Fd fd() {
        return fd;
    }

    /// From now on waits for these events; 0 for none.
    void want(int events) throws Errno {
        if (events == wanted) {
            return;
        }
        if (events == 0) {
            epoll.remove(fd);
        } else if (wanted == 0) {
            epoll.add(fd, events, key);
        } else {
            epoll.change(fd, events, key);
        }
        wanted = events;
    }

    void close() throws Errno {
        try {
            want(0);
        } finally {
            fd.close();
        }
    }
}
