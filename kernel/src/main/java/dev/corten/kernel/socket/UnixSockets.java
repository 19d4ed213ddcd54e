package dev.corten.kernel.socket;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.IoBuffer;
import dev.corten.kernel.ffi.NativeCall;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.RawText;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Unix sockets: by path, in pairs, and with descriptors in their messages.
///
/// Types are [Sockets#SOCK_STREAM] and [Sockets#SOCK_SEQPACKET].
public final class UnixSockets {
    /// SCM_MAX_FD of net/scm.h: how many descriptors one message carries.
    public static final int DESCRIPTORS_MAX = 253;

    // struct sockaddr_un: a family and 108 bytes, the last of which we keep NUL.
    static final int SOCKADDR_UN_BYTES = 110;
    private static final int PATH_LENGTH_MAX = 107;

    // struct msghdr, struct cmsghdr of bits/socket.h on 64-bit machines.
    static final int MSGHDR_BYTES = 56;
    static final int CMSGHDR_BYTES = 16;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CTRUNC = 8;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    private UnixSockets() {}

    /// Two connected sockets.
    public static SocketPair pair(int type) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment ends = call.raw(8);
            long result =
                    call.invoke(
                            Syscall.SOCKETPAIR,
                            Sockets.AF_UNIX,
                            type | Sockets.SOCK_CLOEXEC,
                            0,
                            ends.address());
            NativeCall.check(Syscall.SOCKETPAIR, result, "AF_UNIX");
            return new SocketPair(Fd.adopt(ends.get(JAVA_INT, 0)), Fd.adopt(ends.get(JAVA_INT, 4)));
        }
    }

    /// A listening socket at a path, which may be longer than the 107 bytes of an address. What is
    /// there already is EADDRINUSE: unlink it first, if nobody listens.
    ///
    /// @param mode permissions from the first moment on, umask aside
    public static Fd listen(String path, int type, int mode, int backlog) throws Errno {
        try (Fd socket = Sockets.socket(Sockets.AF_UNIX, type, 0)) {
            // bind gives the file the mode of the socket's inode: no moment with other rights.
            FileCalls.chmod(socket, mode);
            try (Address address = Address.of(path)) {
                call(Syscall.BIND, socket, address, path);
            }
            FileCalls.chmod(Fd.CWD, path, mode);
            Sockets.listen(socket, backlog);
            return socket.transfer();
        }
    }

    /// Connects to the socket at a path.
    public static Fd connect(String path, int type) throws Errno {
        try (Fd socket = Sockets.socket(Sockets.AF_UNIX, type, 0)) {
            try (Address address = Address.of(path)) {
                call(Syscall.CONNECT, socket, address, path);
            }
            return socket.transfer();
        }
    }

    private static void call(Syscall which, Fd socket, Address address, String path) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.retrying(
                            which,
                            socket.number(),
                            call.bytes(address.bytes()).address(),
                            address.bytes().length);
            NativeCall.check(which, result, path);
        }
    }

    /// The bytes of a `sockaddr_un`, and the directory that keeps a long path's short form alive.
    private record Address(byte[] bytes, Fd directory) implements AutoCloseable {
        static Address of(String path) throws Errno {
            if (RawText.encode(path).length <= PATH_LENGTH_MAX) {
                return new Address(encode(path), Fd.CWD);
            }
            int slash = path.lastIndexOf('/');
            String parent = slash < 0 ? "." : path.substring(0, Math.max(1, slash));
            Fd directory = FileCalls.open(Fd.CWD, parent, FileCalls.O_PATH | FileCalls.O_DIRECTORY);
            String name = path.substring(slash + 1);
            if (RawText.encode(name).length > PATH_LENGTH_MAX - 30) {
                directory.close();
                throw new Errno(Errno.ENAMETOOLONG, "bind", path);
            }
            return new Address(encode(directory.procPath() + "/" + name), directory);
        }

        private static byte[] encode(String path) {
            byte[] name = RawText.encode(path);
            byte[] address = new byte[2 + name.length + 1];
            address[0] = Sockets.AF_UNIX; // both architectures are little-endian
            System.arraycopy(name, 0, address, 2, name.length);
            return address;
        }

        @Override
        public void close() {
            directory.close();
        }
    }

    /// Who is at the other end.
    public static PeerCredentials peer(Fd socket) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment ucred = call.raw(12);
            Sockets.readOption(call, socket, Sockets.SOL_SOCKET, Sockets.SO_PEERCRED, ucred);
            return new PeerCredentials(
                    ucred.get(JAVA_INT, 0), ucred.get(JAVA_INT, 4), ucred.get(JAVA_INT, 8));
        }
    }

    /// Sends bytes with descriptors, which stay open here. Never raises SIGPIPE. On a stream a part
    /// may be taken (the descriptors go with the first byte). Returns the number of bytes taken.
    public static int send(Fd socket, byte[] data, List<Fd> fds) throws Errno {
        return send(socket, data, 0, data.length, fds, 0);
    }

    /// Like [#send(Fd, byte\[\], List)] with a part of an array and `MSG_*` flags.
    public static int send(Fd socket, byte[] data, int offset, int length, List<Fd> fds, int flags)
            throws Errno {
        if (fds.size() > DESCRIPTORS_MAX) {
            throw new IllegalArgumentException(
                    fds.size() + " descriptors in one message, at most " + DESCRIPTORS_MAX);
        }
        try (var call = NativeCall.open()) {
            MemorySegment body = call.raw(Math.max(1, length));
            MemorySegment.copy(data, offset, body, JAVA_BYTE, 0, length);
            MemorySegment message = message(call, body, length);
            if (!fds.isEmpty()) {
                long size = CMSGHDR_BYTES + 4L * fds.size();
                MemorySegment control = call.allocate((size + 7) & ~7L);
                control.set(JAVA_LONG, 0, size);
                control.set(JAVA_INT, 8, Sockets.SOL_SOCKET);
                control.set(JAVA_INT, 12, SCM_RIGHTS);
                for (int i = 0; i < fds.size(); i++) {
                    control.set(JAVA_INT, CMSGHDR_BYTES + 4L * i, fds.get(i).number());
                }
                message.set(ADDRESS, 32, control);
                message.set(JAVA_LONG, 40, control.byteSize());
            }
            long n =
                    call.retrying(
                            Syscall.SENDMSG,
                            socket.number(),
                            message.address(),
                            flags | Sockets.MSG_NOSIGNAL);
            if (n < 0) {
                throw NativeCall.failure(
                        Syscall.SENDMSG, n, length + " bytes, " + fds.size() + " descriptors");
            }
            return (int) n;
        }
    }

    private static MemorySegment message(NativeCall call, MemorySegment body, long length) {
        MemorySegment vector = call.raw(16);
        vector.set(ADDRESS, 0, body);
        vector.set(JAVA_LONG, 8, length);
        MemorySegment message = call.allocate(MSGHDR_BYTES);
        message.set(ADDRESS, 16, vector);
        message.set(JAVA_LONG, 24, 1);
        return message;
    }

    /// Receives bytes and up to this many descriptors; `MSG_*` flags such as MSG_DONTWAIT.
    public static Received receive(Fd socket, byte[] buffer, int fdsMax, int flags) throws Errno {
        try (var call = NativeCall.open();
                var io = IoBuffer.open()) {
            MemorySegment body =
                    buffer.length <= IoBuffer.SIZE ? io.memory() : call.raw(buffer.length);
            MemorySegment message = message(call, body, buffer.length);
            long room = fdsMax == 0 ? 0 : (CMSGHDR_BYTES + 4L * fdsMax + 7) & ~7L;
            MemorySegment control = call.allocate(Math.max(room, 8));
            if (room > 0) {
                message.set(ADDRESS, 32, control);
                message.set(JAVA_LONG, 40, room);
            }
            long n =
                    call.retrying(
                            Syscall.RECVMSG,
                            socket.number(),
                            message.address(),
                            flags | MSG_CMSG_CLOEXEC);
            NativeCall.check(Syscall.RECVMSG, n, "");
            List<Fd> fds = descriptors(control, message.get(JAVA_LONG, 40));
            int length = (int) Math.min(n, buffer.length);
            MemorySegment.copy(body, JAVA_BYTE, 0, buffer, 0, length);
            boolean truncated = (message.get(JAVA_INT, 48) & (Sockets.MSG_TRUNC | MSG_CTRUNC)) != 0;
            return new Received(length, fds, truncated);
        }
    }

    private static List<Fd> descriptors(MemorySegment control, long end) {
        var fds = new ArrayList<Fd>();
        for (long at = 0; at + CMSGHDR_BYTES <= end; ) {
            long length = control.get(JAVA_LONG, at);
            if (length < CMSGHDR_BYTES) {
                break;
            }
            if (control.get(JAVA_INT, at + 8) == Sockets.SOL_SOCKET
                    && control.get(JAVA_INT, at + 12) == SCM_RIGHTS) {
                for (long i = at + CMSGHDR_BYTES; i + 4 <= at + length; i += 4) {
                    fds.add(Fd.adopt(control.get(JAVA_INT, i)));
                }
            }
            at += (length + 7) & ~7L;
        }
        return fds;
    }
}
