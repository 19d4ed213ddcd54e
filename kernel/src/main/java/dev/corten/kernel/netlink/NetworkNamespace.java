package dev.corten.kernel.netlink;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// A network namespace, held open by a descriptor.
///
/// Work inside it is done on a platform thread made for it, which ends with the work: a thread
/// that is in another namespace must never be one that others use. A socket opened by the work
/// stays in the namespace and may be used from any thread afterwards.
public final class NetworkNamespace implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int MS_BIND = 0x1000;
    private static final int MNT_DETACH = 2;
    private static final int AT_FDCWD = -100;
    private static final String OWN = "/proc/thread-self/ns/net";

    private final Fd fd;

    private NetworkNamespace(Fd fd) {
        this.fd = fd;
    }

    /// A new namespace with nothing but a `lo` that is down, and what `setup` makes of it, called
    /// inside. `setup` gets the namespace; it is closed if `setup` fails.
    public static NetworkNamespace create(Setup setup) throws IOException {
        return onThread(() -> {
            NativeCall.check(
                    Syscall.UNSHARE,
                    NativeCall.direct(Syscall.UNSHARE, CLONE_NEWNET),
                    "CLONE_NEWNET");
            NetworkNamespace namespace = open(OWN);
            try {
                setup.run(namespace);
                return namespace;
            } catch (IOException | RuntimeException e) {
                namespace.close();
                throw e;
            }
        });
    }

    /// What is done in a new namespace.
    @FunctionalInterface
    public interface Setup {
        void run(NetworkNamespace namespace) throws IOException;
    }

    /// The namespace that the calling thread is in.
    public static NetworkNamespace current() throws Errno {
        return open(OWN);
    }

    /// The namespace behind this path: `/proc/<pid>/ns/net` or a file made by [#bind].
    public static NetworkNamespace open(String path) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.retrying(Syscall.OPENAT, AT_FDCWD, call.path(path), O_RDONLY_CLOEXEC, 0);
            return new NetworkNamespace(
                    Fd.adopt((int) NativeCall.check(Syscall.OPENAT, result, path)));
        }
    }

    /// The descriptor; it stays this object's.
    public Fd fd() {
        return fd;
    }

    /// Does this work inside the namespace.
    public <T> T call(Callable<T> work) throws IOException {
        return onThread(() -> {
            NativeCall.check(
                    Syscall.SETNS,
                    NativeCall.direct(Syscall.SETNS, fd.number(), CLONE_NEWNET),
                    "CLONE_NEWNET");
            return work.call();
        });
    }

    /// Bind-mounts the namespace onto this file, which exists and is empty, so that it has a name
    /// and outlives this process.
    public void bind(String file) throws Errno {
        try (var call = NativeCall.open()) {
            long result =
                    call.invoke(
                            Syscall.MOUNT,
                            call.path(fd.procPath()),
                            call.path(file),
                            NativeCall.NULL,
                            MS_BIND,
                            NativeCall.NULL);
            NativeCall.check(Syscall.MOUNT, result, file + " (MS_BIND)");
        }
    }

    /// Undoes [#bind]. EINVAL means that the file is no mount point.
    public static void unbind(String file) throws Errno {
        try (var call = NativeCall.open()) {
            long result = call.invoke(Syscall.UMOUNT2, call.path(file), MNT_DETACH);
            NativeCall.check(Syscall.UMOUNT2, result, file + " (MNT_DETACH)");
        }
    }

    private static <T> T onThread(Callable<T> work) throws IOException {
        var task = new FutureTask<>(work);
        Thread thread = Thread.ofPlatform().name("netns").daemon().start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    // The work is short, and giving it up half-way would lose what it has opened.
                    interrupted = true;
                } catch (ExecutionException e) {
                    switch (e.getCause()) {
                        case IOException io -> throw io;
                        case RuntimeException runtime -> throw runtime;
                        case Error error -> throw error;
                        case null, default ->
                                throw new IOException("failed on " + thread.getName(), e);
                    }
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
