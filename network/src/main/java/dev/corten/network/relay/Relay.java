package dev.corten.network.relay;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Poll;
import java.io.IOException;

/// A socket of the host's, what comes to which goes on to a container. Takes in so much at a time,
/// and nothing while the process has no descriptors left.
abstract sealed class Relay implements RelayLoop.Acceptor permits TcpRelay, UdpRelay {
    /// Others have their turn in between.
    private static final int AT_ONCE = 64;

    final RelayLoop loop;
    final Watched socket;
    final Relays.Target target;

    /// @param socket becomes this object's
    Relay(RelayLoop loop, Fd socket, Relays.Target target) {
        this.loop = loop;
        this.socket = loop.watch(socket, this);
        this.target = target;
    }

    /// Makes the socket one to which something can come.
    abstract void prepare() throws IOException;

    /// Takes in what has come first.
    ///
    /// @return false if nothing has come
    abstract boolean takeOne() throws IOException;

    final void open() throws IOException {
        try {
            prepare();
            resume();
        } catch (IOException e) {
            end();
            throw e;
        }
        loop.added(this);
    }

    @Override
    public final void resume() throws IOException {
        socket.want(Poll.IN);
    }

    @Override
    public final void ready(int events) throws IOException {
        for (int i = 0; i < AT_ONCE; i++) {
            try {
                if (!takeOne()) {
                    return;
                }
            } catch (Errno e) {
                if (!isShortage(e)) {
                    throw e;
                }
                socket.want(0);
                loop.pause(this);
                return;
            }
        }
    }

    private static boolean isShortage(Errno e) {
        return e.isAny(Errno.EMFILE, Errno.ENFILE) || e.isAny(Errno.ENOBUFS, Errno.ENOMEM);
    }
}
