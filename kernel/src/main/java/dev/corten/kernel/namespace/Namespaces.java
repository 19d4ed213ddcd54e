package dev.corten.kernel.namespace;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.KernelCall;
import dev.corten.kernel.Syscall;
import dev.corten.kernel.ffi.NativeCall;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.Mounts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Opening, making and entering namespaces.
public final class Namespaces {
    private static final int CLONE_FS = 0x200;

    private Namespaces() {}

    /// The namespace that a process is in.
    public static Fd open(int pid, NamespaceKind kind) throws Errno {
        return FileCalls.open("/proc/" + pid + "/ns/" + kind.file(), FileCalls.O_RDONLY);
    }

    /// The namespace that the calling thread is in.
    public static Fd own(NamespaceKind kind) throws Errno {
        return FileCalls.open("/proc/thread-self/ns/" + kind.file(), FileCalls.O_RDONLY);
    }

    /// A namespace that [#pin] keeps at a path.
    public static Fd openPinned(String path) throws Errno {
        return FileCalls.open(path, FileCalls.O_RDONLY);
    }

    /// A fresh network namespace with nothing but a `lo` that is down. It lives as long as the
    /// descriptor, a pin, or a process in it. Takes 1 to 2 ms: keep some ready.
    public static Fd newNetwork() throws IOException {
        return create(NamespaceKind.NETWORK);
    }

    /// A fresh namespace of one of the kinds that a thread can make for itself: network, IPC, UTS.
    public static Fd create(NamespaceKind kind) throws IOException {
        return onOwnThread(
                "new " + kind.file(),
                () -> {
                    unshare(kind.flag());
                    return own(kind);
                });
    }

    /// Runs a piece of work inside a network namespace. Sockets that it opens stay there and may be
    /// used from everywhere later. The work must not start threads that outlive it.
    public static <T> T inNetwork(Fd network, KernelCall<T> work) throws IOException {
        return onOwnThread(
                "netns",
                () -> {
                    enter(network, NamespaceKind.NETWORK);
                    return work.run();
                });
    }

    /// Runs a piece of work inside the namespaces of these descriptors, entered in this order.
    /// Mount namespaces may be among them, user and PID namespaces not: a thread of a process with
    /// several cannot enter a user namespace, and a PID namespace is for children only.
    public static <T> T in(Fd[] namespaces, KernelCall<T> work) throws IOException {
        return onOwnThread(
                "setns",
                () -> {
                    unshare(CLONE_FS); // a mount namespace is refused to who shares its root
                    for (Fd namespace : namespaces) {
                        setns(namespace, 0);
                    }
                    return work.run();
                });
    }

    /// Runs a piece of work in a new mount namespace, a copy of this one that nothing propagates
    /// out of. Its mounts vanish with it; a tree cloned by open_tree survives as descriptor.
    public static <T> T inNewMountNamespace(KernelCall<T> work) throws IOException {
        return onOwnThread(
                "mntns",
                () -> {
                    unshare(NamespaceKind.MOUNT.flag());
                    Mounts.propagation("/", Mounts.MS_REC | Mounts.MS_PRIVATE);
                    return work.run();
                });
    }

    /// Keeps a namespace alive at a path, by a bind mount on a file that is made for it.
    public static void pin(Fd namespace, String path) throws Errno {
        int flags = FileCalls.O_RDONLY | FileCalls.O_CREAT | FileCalls.O_EXCL;
        FileCalls.open(Fd.CWD, path, flags, 0444).close();
        try {
            Mounts.mount(namespace.procPath(), path, "", Mounts.MS_BIND, "");
        } catch (Errno e) {
            FileCalls.unlink(Fd.CWD, path);
            throw e;
        }
    }

    /// Undoes [#pin]; harmless if it was undone, half or whole.
    public static void unpin(String path) throws Errno {
        Mounts.unmountIfMounted(path, Mounts.MNT_DETACH | Mounts.UMOUNT_NOFOLLOW);
        FileCalls.removeIfExists(Fd.CWD, path);
    }

    /// Runs a piece of work on a platform thread of its own that ends with it, whose namespaces
    /// and credentials may be changed. Waits for the end; an interruption is passed on.
    public static <T> T onOwnThread(String name, KernelCall<T> work) throws IOException {
        var outcome = new AtomicReference<@Nullable Outcome<T>>();
        Thread thread =
                Thread.ofPlatform()
                        .name("ns " + name)
                        .daemon()
                        .inheritInheritableThreadLocals(false)
                        .start(() -> outcome.set(Outcome.of(work)));
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                // The work may hold half-made things: it is told, and awaited all the same.
                interrupted = true;
                thread.interrupt();
            }
        }
        Outcome<T> result = outcome.get();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (result == null) {
            throw new InterruptedIOException("thread of " + name + " ended without a result");
        }
        return result.orThrow();
    }

    private sealed interface Outcome<T> {
        record Value<T>(T value) implements Outcome<T> {
            @Override
            public T orThrow() {
                return value;
            }
        }

        record Failure<T>(Throwable cause) implements Outcome<T> {
            @Override
            public T orThrow() throws IOException {
                // Thrown as it is: callers decide by its type. Its stack is of the other thread,
                // which is where the call was made.
                switch (cause) {
                    case IOException e -> throw e;
                    case RuntimeException e -> throw e;
                    case Error e -> throw e;
                    default -> throw new AssertionError(cause);
                }
            }
        }

        T orThrow() throws IOException;

        static <T> Outcome<T> of(KernelCall<T> work) {
            try {
                return new Value<>(work.run());
            } catch (IOException | RuntimeException | Error e) {
                return new Failure<>(e);
            }
        }
    }

    private static void enter(Fd namespace, NamespaceKind kind) throws Errno {
        setns(namespace, kind.flag());
    }

    private static void setns(Fd namespace, int kind) throws Errno {
        NativeCall.check(
                Syscall.SETNS,
                NativeCall.direct(Syscall.SETNS, namespace.number(), kind),
                namespace.toString());
    }

    private static void unshare(int flags) throws Errno {
        NativeCall.check(
                Syscall.UNSHARE,
                NativeCall.direct(Syscall.UNSHARE, flags),
                "0x" + Integer.toHexString(flags));
    }
}
