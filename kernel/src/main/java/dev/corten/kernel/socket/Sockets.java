package dev.corten.kernel.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/// Calls on sockets of any family; addresses are `sockaddr` structures as bytes.
public final class Sockets {
    // bits/socket.h
    public static final int AF_UNIX = 1;
    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;
    public static final int AF_NETLINK = 16;

    public static final int SOCK_STREAM = 1;
    public static final int SOCK_DGRAM = 2;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_SEQPACKET = 5;
    public static final int SOCK_NONBLOCK = 0x800;
    static final int SOCK_CLOEXEC = 0x80000;

    public static final int SOL_SOCKET = 1;
    public static final int SO_REUSEADDR = 2;
    public static final int SO_ERROR = 4;
    public static final int SO_SNDBUF = 7;
    public static final int SO_RCVBUF = 8;
    public static final int SO_PASSCRED = 16;
    public static final int SO_PEERCRED = 17;
    public static final int SO_RCVTIMEO = 20;
    public static final int SO_SNDTIMEO = 21;
    public static final int SO_SNDBUFFORCE = 32;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int SO_PEERPIDFD = 77;

    public static final int MSG_PEEK = 2;
    public static final int MSG_TRUNC = 0x20;
    public static final int MSG_DONTWAIT = 0x40;
    public static final int MSG_NOSIGNAL = 0x4000;

    public static final int SHUT_RD = 0;
    public static final int SHUT_WR = 1;
    public static final int SHUT_RDWR = 2;

    private Sockets() {}

    /// socket(2), close-on-exec.
    public static Fd socket(int family, int type, int protocol) throws Errno {
        long fd = NativeCall.direct(Syscall.SOCKET, family, type | SOCK_CLOEXEC, protocol);
        if (fd < 0) {
            throw NativeCall.failure(
                    Syscall.SOCKET, fd, familyName(family) + " type " + (type & 0xF));
        }
        return Fd.adopt((int) fd);
    }

    private static String familyName(int family) {
        return switch (family) {
            case AF_UNIX -> "AF_UNIX";
            case AF_INET -> "AF_INET";
            case AF_INET6 -> "AF_INET6";
            case AF_NETLINK -> "AF_NETLINK";
            default -> "family " + family;
        };
    }

    /// bind(2) to a `sockaddr`.
    public static void bind(Fd socket, byte[] address) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.BIND,
                            socket.number(),
                            call.bytes(address).address(),
                            address.length);
            NativeCall.check(Syscall.BIND, result, "");
        }
    }

    /// connect(2) to a `sockaddr`.
    public static void connect(Fd socket, byte[] address) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.retrying(
                            Syscall.CONNECT,
                            socket.number(),
                            call.bytes(address).address(),
                            address.length);
            NativeCall.check(Syscall.CONNECT, result, "");
        }
    }

    public static void listen(Fd socket, int backlog) throws Errno {
        NativeCall.check(
                Syscall.LISTEN, NativeCall.direct(Syscall.LISTEN, socket.number(), backlog), "");
    }

    /// The next connection, close-on-exec; waits unless the socket is non-blocking.
    public static Fd accept(Fd socket) throws Errno {
        try (var call = NativeCall.open()) {
            long fd = call.retrying(Syscall.ACCEPT4, socket.number(), 0, 0, SOCK_CLOEXEC);
            return Fd.adopt((int) NativeCall.check(Syscall.ACCEPT4, fd, ""));
        }
    }

    /// The `sockaddr` that the socket is bound to.
    public static byte[] localAddress(Fd socket) throws Errno {
        return address(Syscall.GETSOCKNAME, socket);
    }

    /// The `sockaddr` of the peer.
    public static byte[] peerAddress(Fd socket) throws Errno {
        return address(Syscall.GETPEERNAME, socket);
    }

    private static byte[] address(Syscall which, Fd socket) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment address = call.allocate(128);
            MemorySegment length = call.allocate(4);
            length.set(JAVA_INT, 0, 128);
            long result = call.invoke(which, socket.number(), address.address(), length.address());
            NativeCall.check(which, result, "");
            return address.asSlice(0, Math.min(128, length.get(JAVA_INT, 0))).toArray(JAVA_BYTE);
        }
    }

    public static void option(Fd socket, int level, int option, int value) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment bytes = call.allocate(4);
            bytes.set(JAVA_INT, 0, value);
            setOption(call, socket, level, option, bytes);
        }
    }

    public static void option(Fd socket, int level, int option, byte[] value) throws Errno {
        try (var call = NativeCall.open()) {
            setOption(call, socket, level, option, call.bytes(value));
        }
    }

    private static void setOption(
            NativeCall call, Fd socket, int level, int option, MemorySegment value) throws Errno {
        long result =
                call.invoke(
                        Syscall.SETSOCKOPT,
                        socket.number(),
                        level,
                        option,
                        value.address(),
                        value.byteSize());
        if (result < 0) {
            throw NativeCall.failure(
                    Syscall.SETSOCKOPT, result, "level " + level + " option " + option);
        }
    }

    /// The value of an option that is an int.
    public static int option(Fd socket, int level, int option) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment value = call.allocate(4);
            readOption(call, socket, level, option, value);
            return value.get(JAVA_INT, 0);
        }
    }

    static void readOption(NativeCall call, Fd socket, int level, int option, MemorySegment value)
            throws Errno {
        MemorySegment length = call.allocate(4);
        length.set(JAVA_INT, 0, (int) value.byteSize());
        long result =
                call.invoke(
                        Syscall.GETSOCKOPT,
                        socket.number(),
                        level,
                        option,
                        value.address(),
                        length.address());
        if (result < 0) {
            throw NativeCall.failure(
                    Syscall.GETSOCKOPT, result, "level " + level + " option " + option);
        }
    }

    public static void shutdown(Fd socket, int how) throws Errno {
        NativeCall.check(
                Syscall.SHUTDOWN, NativeCall.direct(Syscall.SHUTDOWN, socket.number(), how), "");
    }

    /// Sends native memory; no SIGPIPE. Returns how much was taken.
    public static long send(Fd socket, MemorySegment data, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.retrying(
                            Syscall.SENDTO,
                            socket.number(),
                            data.address(),
                            data.byteSize(),
                            flags | MSG_NOSIGNAL,
                            0,
                            0);
            return NativeCall.check(Syscall.SENDTO, result, "");
        } finally {
            Reference.reachabilityFence(data); // the call has only its address
        }
    }

    /// Receives into native memory. Zero at the end of a stream; with MSG_TRUNC the full length of
    /// a datagram.
    public static long receive(Fd socket, MemorySegment buffer, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.retrying(
                            Syscall.RECVFROM,
                            socket.number(),
                            buffer.address(),
                            buffer.byteSize(),
                            flags,
                            0,
                            0);
            return NativeCall.check(Syscall.RECVFROM, result, "");
        } finally {
            Reference.reachabilityFence(buffer); // the call has only its address
        }
    }

    public static int send(Fd socket, byte[] data, int flags) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment bytes = call.bytes(data);
            long result =
                    call.retrying(
                            Syscall.SENDTO,
                            socket.number(),
                            bytes.address(),
                            data.length,
                            flags | MSG_NOSIGNAL,
                            0,
                            0);
            return (int) NativeCall.check(Syscall.SENDTO, result, "");
        }
    }
}
