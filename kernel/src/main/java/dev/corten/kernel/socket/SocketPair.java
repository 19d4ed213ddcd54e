package dev.corten.kernel.socket;

import dev.corten.kernel.Fd;

/// Two connected sockets; closing this closes those that were not given away.
public record SocketPair(Fd first, Fd second) implements AutoCloseable {
    @Override
    public void close() {
        first.close();
        second.close();
    }
}
