package dev.corten.kernel.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.IoBuffer;
import dev.corten.kernel.ffi.NativeCall;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Calls on what a descriptor leads to: contents, locks, syncing, pipes.
public final class FileData {
    public static final int SEEK_SET = 0;
    public static final int SEEK_CUR = 1;
    public static final int SEEK_END = 2;
    public static final int SEEK_DATA = 3;
    public static final int SEEK_HOLE = 4;

    // linux/falloc.h
    public static final int FALLOC_FL_KEEP_SIZE = 1;
    public static final int FALLOC_FL_PUNCH_HOLE = 2;

    // linux/fcntl.h
    public static final int F_SEAL_SEAL = 1;
    public static final int F_SEAL_SHRINK = 2;
    public static final int F_SEAL_GROW = 4;
    public static final int F_SEAL_WRITE = 8;

    private static final int F_GETFD = 1;
    private static final int F_SETFD = 2;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_SETPIPE_SZ = 1031;
    private static final int F_ADD_SEALS = 1033;
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int LOCK_UN = 8;
    private static final int MFD_CLOEXEC = 1;
    private static final int MFD_ALLOW_SEALING = 2;

    private FileData() {}

    // ---- read

    /// read(2) into native memory. Returns -1 at the end.
    public static long read(Fd fd, MemorySegment to) throws Errno {
        if (to.byteSize() == 0) {
            return 0;
        }
        try (var call = NativeCall.open()) {
            long n = call.retrying(Syscall.READ, fd.number(), to.address(), to.byteSize());
            return n == 0 ? -1 : NativeCall.check(Syscall.READ, n, fd.toString());
        } finally {
            Reference.reachabilityFence(to); // the call has only its address
        }
    }

    /// read(2) into an array: what is there, up to the length. Returns -1 at the end.
    public static int read(Fd fd, byte[] to, int offset, int length) throws Errno {
        return readAt(fd, to, offset, length, -1);
    }

    /// pread(2) into an array. Returns -1 at the end.
    public static int pread(Fd fd, byte[] to, int offset, int length, long position) throws Errno {
        return readAt(fd, to, offset, length, position);
    }

    private static int readAt(Fd fd, byte[] to, int offset, int length, long position)
            throws Errno {
        if (length == 0) {
            return 0;
        }
        try (var call = NativeCall.open();
                var buffer = IoBuffer.open()) {
            MemorySegment memory = buffer.memory();
            int n =
                    (int)
                            readInto(
                                    call,
                                    fd,
                                    memory.asSlice(0, Math.min(length, IoBuffer.SIZE)),
                                    position);
            if (n > 0) {
                MemorySegment.copy(memory, JAVA_BYTE, 0, to, offset, n);
            }
            return n;
        }
    }

    private static long readInto(NativeCall call, Fd fd, MemorySegment to, long position)
            throws Errno {
        Syscall which = position < 0 ? Syscall.READ : Syscall.PREAD64;
        long n =
                call.retrying(
                        which, fd.number(), to.address(), to.byteSize(), Math.max(position, 0));
        if (n < 0) {
            throw NativeCall.failure(which, n, fd.toString());
        }
        return n == 0 ? -1 : n;
    }

    /// read(2) into the buffer's remaining space. Returns -1 at the end.
    public static int read(Fd fd, ByteBuffer to) throws Errno {
        if (!to.hasRemaining()) {
            return 0;
        }
        if (to.isDirect()) {
            int n = (int) read(fd, MemorySegment.ofBuffer(to));
            if (n > 0) {
                to.position(to.position() + n);
            }
            return n;
        }
        try (var call = NativeCall.open();
                var buffer = IoBuffer.open()) {
            MemorySegment memory = buffer.memory();
            int wanted = Math.min(to.remaining(), IoBuffer.SIZE);
            int n = (int) readInto(call, fd, memory.asSlice(0, wanted), -1);
            if (n > 0) {
                to.put(memory.asSlice(0, n).asByteBuffer());
            }
            return n;
        }
    }

    /// Reads exactly this many bytes.
    ///
    /// @throws EOFException if there are fewer
    public static void readFully(Fd fd, byte[] to, int offset, int length) throws IOException {
        int done = 0;
        while (done < length) {
            int n = read(fd, to, offset + done, length - done);
            if (n < 0) {
                throw new EOFException(fd + " ended " + (length - done) + " bytes early");
            }
            done += n;
        }
    }

    /// Everything from the present position to the end.
    ///
    /// @throws IOException if there is more than the limit
    public static byte[] readAll(Fd fd, int limit) throws IOException {
        byte[] bytes = new byte[Math.min(limit, 4096) + 1];
        int size = 0;
        while (true) {
            if (size == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(limit + 1L, size * 4L));
            }
            int n = read(fd, bytes, size, bytes.length - size);
            if (n < 0) {
                return Arrays.copyOf(bytes, size);
            }
            size += n;
            if (size > limit) {
                throw new IOException(fd + " has more than " + limit + " bytes");
            }
        }
    }

    /// The content of a small file, opened for this.
    public static byte[] readFile(Fd dir, String path, int limit) throws IOException {
        try (Fd fd = FileCalls.open(dir, path, FileCalls.O_RDONLY)) {
            return readAll(fd, limit);
        }
    }

    // ---- write

    /// write(2) of native memory. Returns how much was taken.
    public static long write(Fd fd, MemorySegment from) throws Errno {
        try (var call = NativeCall.open()) {
            long n = call.retrying(Syscall.WRITE, fd.number(), from.address(), from.byteSize());
            return NativeCall.check(Syscall.WRITE, n, fd.toString());
        } finally {
            Reference.reachabilityFence(from); // the call has only its address
        }
    }

    /// write(2) of a part of an array. Returns how much was taken.
    public static int write(Fd fd, byte[] from, int offset, int length) throws Errno {
        return writeAt(fd, from, offset, length, -1);
    }

    /// pwrite(2) of a part of an array. Returns how much was taken.
    public static int pwrite(Fd fd, byte[] from, int offset, int length, long position)
            throws Errno {
        return writeAt(fd, from, offset, length, position);
    }

    private static int writeAt(Fd fd, byte[] from, int offset, int length, long position)
            throws Errno {
        try (var call = NativeCall.open();
                var buffer = IoBuffer.open()) {
            MemorySegment memory = buffer.memory();
            int n = Math.min(length, IoBuffer.SIZE);
            MemorySegment.copy(from, offset, memory, JAVA_BYTE, 0, n);
            Syscall which = position < 0 ? Syscall.WRITE : Syscall.PWRITE64;
            long written =
                    call.retrying(which, fd.number(), memory.address(), n, Math.max(position, 0));
            return (int) NativeCall.check(which, written, fd.toString());
        }
    }

    /// Writes the buffer's remaining bytes, as many as are taken. Returns how many.
    public static int write(Fd fd, ByteBuffer from) throws Errno {
        int n;
        if (from.isDirect()) {
            n = (int) write(fd, MemorySegment.ofBuffer(from));
        } else {
            int wanted = Math.min(from.remaining(), IoBuffer.SIZE);
            byte[] bytes = new byte[wanted];
            from.get(from.position(), bytes);
            n = write(fd, bytes, 0, wanted);
        }
        from.position(from.position() + n);
        return n;
    }

    /// Writes all, however many calls it takes. The descriptor must be blocking.
    public static void writeFully(Fd fd, byte[] from, int offset, int length) throws Errno {
        int done = 0;
        while (done < length) {
            done += write(fd, from, offset + done, length - done);
        }
    }

    public static void writeFully(Fd fd, byte[] from) throws Errno {
        writeFully(fd, from, 0, from.length);
    }

    public static void writeFully(Fd fd, MemorySegment from) throws Errno {
        long done = 0;
        while (done < from.byteSize()) {
            done += write(fd, from.asSlice(done));
        }
    }

    public static void writeFully(Fd fd, ByteBuffer from) throws Errno {
        while (from.hasRemaining()) {
            write(fd, from);
        }
    }

    /// Writes all at a position.
    public static void pwriteFully(Fd fd, byte[] from, int offset, int length, long position)
            throws Errno {
        int done = 0;
        while (done < length) {
            done += pwrite(fd, from, offset + done, length - done, position + done);
        }
    }

    /// Writes a small existing file in one call, as files of procfs and cgroups want it.
    public static void writeFile(Fd dir, String path, String text) throws Errno {
        try (Fd fd = FileCalls.open(dir, path, FileCalls.O_WRONLY)) {
            byte[] bytes = dev.corten.model.RawText.encode(text);
            try {
                write(fd, bytes, 0, bytes.length);
            } catch (Errno e) {
                throw new Errno(e.number(), "write", path + " \"" + text.strip() + "\"");
            }
        }
    }

    // ---- streams

    /// A stream that reads from the descriptor; closing the stream closes it.
    public static InputStream inputStream(Fd fd) {
        return new FdInputStream(fd);
    }

    /// A stream that writes everything it is given at once; closing the stream closes the
    /// descriptor.
    public static OutputStream outputStream(Fd fd) {
        return new FdOutputStream(fd);
    }

    // ---- durability

    public static void fsync(Fd fd) throws Errno {
        simple(Syscall.FSYNC, fd);
    }

    public static void fdatasync(Fd fd) throws Errno {
        simple(Syscall.FDATASYNC, fd);
    }

    /// Writes out the whole file system that holds the file.
    public static void syncfs(Fd fd) throws Errno {
        simple(Syscall.SYNCFS, fd);
    }

    private static void simple(Syscall which, Fd fd) throws Errno {
        long result;
        do {
            result = NativeCall.direct(which, fd.number());
        } while (result == -Errno.EINTR);
        NativeCall.check(which, result, fd.toString());
    }

    // ---- size and position

    public static void truncate(Fd fd, long size) throws Errno {
        NativeCall.check(
                Syscall.FTRUNCATE,
                NativeCall.direct(Syscall.FTRUNCATE, fd.number(), size),
                fd + " to " + size);
    }

    /// fallocate(2) with `FALLOC_FL_*`.
    public static void allocate(Fd fd, int mode, long offset, long length) throws Errno {
        NativeCall.check(
                Syscall.FALLOCATE,
                NativeCall.direct(Syscall.FALLOCATE, fd.number(), mode, offset, length),
                fd + " " + length + " bytes at " + offset);
    }

    /// lseek(2). Returns -1 for SEEK_DATA or SEEK_HOLE beyond the last one (ENXIO).
    public static long seek(Fd fd, long offset, int whence) throws Errno {
        long result = NativeCall.direct(Syscall.LSEEK, fd.number(), offset, whence);
        if (result == -Errno.ENXIO && whence >= SEEK_DATA) {
            return -1;
        }
        return NativeCall.check(Syscall.LSEEK, result, fd + " to " + offset);
    }

    // ---- locks

    /// flock(2), waiting. The lock ends with the open file.
    public static void lock(Fd fd, boolean exclusive) throws Errno {
        long result;
        do {
            result = NativeCall.direct(Syscall.FLOCK, fd.number(), exclusive ? LOCK_EX : LOCK_SH);
        } while (result == -Errno.EINTR);
        NativeCall.check(Syscall.FLOCK, result, fd.toString());
    }

    /// flock(2). Returns false if somebody else has it.
    public static boolean tryLock(Fd fd, boolean exclusive) throws Errno {
        int operation = (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB;
        long result = NativeCall.direct(Syscall.FLOCK, fd.number(), operation);
        if (result == -Errno.EAGAIN) {
            return false;
        }
        NativeCall.check(Syscall.FLOCK, result, fd.toString());
        return true;
    }

    public static void unlock(Fd fd) throws Errno {
        NativeCall.check(
                Syscall.FLOCK,
                NativeCall.direct(Syscall.FLOCK, fd.number(), LOCK_UN),
                fd.toString());
    }

    // ---- things without names

    /// memfd_create(2), sealable; the name is for `/proc` only.
    public static Fd memfd(String name) throws Errno {
        try (var call = NativeCall.open()) {
            long fd =
                    call.invoke(
                            Syscall.MEMFD_CREATE, call.path(name), MFD_CLOEXEC | MFD_ALLOW_SEALING);
            return Fd.adopt((int) NativeCall.check(Syscall.MEMFD_CREATE, fd, name));
        }
    }

    /// Seals a memfd, see `F_SEAL_*`.
    public static void seal(Fd fd, int seals) throws Errno {
        fcntl(fd, F_ADD_SEALS, seals, "F_ADD_SEALS");
    }

    /// A pipe; both ends close-on-exec and blocking.
    public static Pipe pipe() throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment ends = call.raw(8);
            long result = call.invoke(Syscall.PIPE2, ends.address(), FileCalls.O_CLOEXEC);
            NativeCall.check(Syscall.PIPE2, result, "");
            return new Pipe(Fd.adopt(ends.get(JAVA_INT, 0)), Fd.adopt(ends.get(JAVA_INT, 4)));
        }
    }

    /// Sets the capacity of a pipe. Returns the real one.
    public static int pipeSize(Fd pipe, int bytes) throws Errno {
        return fcntl(pipe, F_SETPIPE_SZ, bytes, "F_SETPIPE_SZ");
    }

    // ---- flags of the descriptor

    public static void nonBlocking(Fd fd, boolean on) throws Errno {
        int flags = fcntl(fd, F_GETFL, 0, "F_GETFL");
        int wanted = on ? flags | FileCalls.O_NONBLOCK : flags & ~FileCalls.O_NONBLOCK;
        if (wanted != flags) {
            fcntl(fd, F_SETFL, wanted, "F_SETFL");
        }
    }

    /// Whether a program executed by this process inherits the descriptor. Every thread's exec
    /// does: switch it off only around a launch that knows what it does.
    public static void closeOnExec(Fd fd, boolean on) throws Errno {
        fcntl(fd, F_SETFD, on ? 1 : 0, "F_SETFD");
    }

    public static boolean isCloseOnExec(Fd fd) throws Errno {
        return (fcntl(fd, F_GETFD, 0, "F_GETFD") & 1) != 0;
    }

    private static int fcntl(Fd fd, int command, long argument, String name) throws Errno {
        long result = NativeCall.direct(Syscall.FCNTL, fd.number(), command, argument);
        return (int) NativeCall.check(Syscall.FCNTL, result, fd + " " + name);
    }

    // ---- file system

    // struct statfs of asm-generic/statfs.h with 64-bit words.
    static final int STATFS_BYTES = 120;

    /// The file system that holds an open file.
    public static FileSystemStatus statfs(Fd fd) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment s = call.raw(STATFS_BYTES);
            long result = call.invoke(Syscall.FSTATFS, fd.number(), s.address());
            NativeCall.check(Syscall.FSTATFS, result, fd.toString());
            return status(s);
        }
    }

    /// The file system that holds a path of our own.
    public static FileSystemStatus statfs(String path) throws Errno {
        try (var call = NativeCall.open()) {
            MemorySegment s = call.raw(STATFS_BYTES);
            long result = call.invoke(Syscall.STATFS, call.path(path), s.address());
            NativeCall.check(Syscall.STATFS, result, path);
            return status(s);
        }
    }

    private static FileSystemStatus status(MemorySegment s) {
        return new FileSystemStatus(
                s.get(JAVA_LONG, 0),
                s.get(JAVA_LONG, 8),
                s.get(JAVA_LONG, 16),
                s.get(JAVA_LONG, 24),
                s.get(JAVA_LONG, 32),
                s.get(JAVA_LONG, 40),
                s.get(JAVA_LONG, 48),
                s.get(JAVA_LONG, 64),
                s.get(JAVA_LONG, 80));
    }
}
