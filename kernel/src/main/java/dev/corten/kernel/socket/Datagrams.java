package dev.corten.kernel.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Optional;

/// UDP for one socket that serves many peers on all addresses of a host: an answer leaves from the
/// address that the question came to. Nothing here blocks.
public final class Datagrams {
    // netinet/in.h
    private static final int IPPROTO_IP = 0;
    private static final int IP_PKTINFO = 8;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_RECVPKTINFO = 49;
    private static final int IPV6_PKTINFO = 50;

    // struct in_pktinfo: int ipi_ifindex; struct in_addr ipi_spec_dst, ipi_addr
    private static final int PKTINFO4_BYTES = 12;
    // struct in6_pktinfo: struct in6_addr ipi6_addr; u32 ipi6_ifindex
    private static final int PKTINFO6_BYTES = 20;

    private static final int SOCKADDR_BYTES_MAX = 28;
    private static final int CONTROL_BYTES = 64;

    private Datagrams() {}

    /// One end of a conversation: who has sent a datagram, and to which of our addresses. Compared
    /// by content.
    public static final class Conversation {
        private final byte[] peer;
        private final byte[] local;

        private Conversation(byte[] peer, byte[] local) {
            this.peer = peer;
            this.local = local;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Conversation that
                    && Arrays.equals(peer, that.peer)
                    && Arrays.equals(local, that.local);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(peer) + Arrays.hashCode(local);
        }
    }

    /// @param length of what is now in the buffer
    public record Received(Conversation conversation, int length) {}

    /// Lets a bound socket tell to which address a datagram was sent.
    public static void prepare(Fd socket) throws Errno {
        if (isIpv6(socket)) {
            Sockets.option(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
        } else {
            Sockets.option(socket, IPPROTO_IP, IP_PKTINFO, 1);
        }
    }

    private static boolean isIpv6(Fd socket) throws Errno {
        return Sockets.localAddress(socket)[0] == Sockets.AF_INET6;
    }

    /// The next datagram, as much of it as the buffer holds; empty if none waits.
    public static Optional<Received> receive(Fd socket, MemorySegment buffer) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment peer = call.allocate(SOCKADDR_BYTES_MAX);
            MemorySegment control = call.allocate(CONTROL_BYTES);
            MemorySegment message = message(call, buffer, buffer.byteSize());
            message.set(ADDRESS, 0, peer);
            message.set(JAVA_INT, 8, SOCKADDR_BYTES_MAX);
            message.set(ADDRESS, 32, control);
            message.set(JAVA_LONG, 40, CONTROL_BYTES);
            long n =
                    call.retrying(
                            Syscall.RECVMSG,
                            socket.number(),
                            message.address(),
                            Sockets.MSG_DONTWAIT);
            if (n == -Errno.EAGAIN) {
                return Optional.empty();
            }
            NativeCall.check(Syscall.RECVMSG, n, "");
            int peerLength = Math.min(message.get(JAVA_INT, 8), SOCKADDR_BYTES_MAX);
            return Optional.of(
                    new Received(
                            new Conversation(
                                    peer.asSlice(0, peerLength).toArray(JAVA_BYTE),
                                    packetInfo(control, message.get(JAVA_LONG, 40))),
                            (int) n));
        } finally {
            Reference.reachabilityFence(buffer); // the message has only its address
        }
    }

    /// The `pktinfo` to answer with; empty if the kernel has not told one.
    private static byte[] packetInfo(MemorySegment control, long end) {
        if (end < UnixSockets.CMSGHDR_BYTES) {
            return new byte[0];
        }
        int level = control.get(JAVA_INT, 8);
        int type = control.get(JAVA_INT, 12);
        if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
            byte[] info = data(control, PKTINFO6_BYTES);
            boolean linkLocal = (info[0] & 0xFF) == 0xFE && (info[1] & 0xC0) == 0x80;
            if (!linkLocal) {
                Arrays.fill(
                        info, 16, PKTINFO6_BYTES, (byte) 0); // the way back is the routes' matter
            }
            return info;
        }
        if (level == IPPROTO_IP && type == IP_PKTINFO) {
            byte[] info = data(control, PKTINFO4_BYTES);
            Arrays.fill(info, 0, 4, (byte) 0);
            Arrays.fill(info, 8, PKTINFO4_BYTES, (byte) 0);
            return info;
        }
        return new byte[0];
    }

    private static byte[] data(MemorySegment control, int length) {
        return control.asSlice(UnixSockets.CMSGHDR_BYTES, length).toArray(JAVA_BYTE);
    }

    /// Answers, from the address that the peer has written to.
    ///
    /// @throws Errno EAGAIN if there is no room now
    public static void answer(Fd socket, Conversation to, MemorySegment data) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment message = message(call, data, data.byteSize());
            message.set(ADDRESS, 0, call.bytes(to.peer));
            message.set(JAVA_INT, 8, to.peer.length);
            if (to.local.length > 0) {
                boolean v6 = to.local.length == PKTINFO6_BYTES;
                long size = UnixSockets.CMSGHDR_BYTES + (long) to.local.length;
                MemorySegment control = call.allocate((size + 7) & ~7L);
                control.set(JAVA_LONG, 0, size);
                control.set(JAVA_INT, 8, v6 ? IPPROTO_IPV6 : IPPROTO_IP);
                control.set(JAVA_INT, 12, v6 ? IPV6_PKTINFO : IP_PKTINFO);
                MemorySegment.copy(
                        to.local,
                        0,
                        control,
                        JAVA_BYTE,
                        UnixSockets.CMSGHDR_BYTES,
                        to.local.length);
                message.set(ADDRESS, 32, control);
                message.set(JAVA_LONG, 40, control.byteSize());
            }
            long n =
                    call.retrying(
                            Syscall.SENDMSG,
                            socket.number(),
                            message.address(),
                            Sockets.MSG_DONTWAIT | Sockets.MSG_NOSIGNAL);
            NativeCall.check(Syscall.SENDMSG, n, data.byteSize() + " bytes");
        } finally {
            Reference.reachabilityFence(data); // the message has only its address
        }
    }

    private static MemorySegment message(NativeCall call, MemorySegment body, long length) {
        MemorySegment vector = call.raw(16);
        vector.set(ADDRESS, 0, body);
        vector.set(JAVA_LONG, 8, length);
        MemorySegment message = call.allocate(UnixSockets.MSGHDR_BYTES);
        message.set(ADDRESS, 16, vector);
        message.set(JAVA_LONG, 24, 1);
        return message;
    }
}
