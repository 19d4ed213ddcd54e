package dev.corten.kernel.cgroup;

import dev.corten.kernel.Errno;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/// The files of a group in which its limits are, written one by one; on request each is given back
/// what it held before.
final class LimitFiles {
    private record Written(String controller, String file, String before) {}

    private final Cgroup cgroup;
    private final boolean undoable;
    private final Deque<Written> written = new ArrayDeque<>();

    /// @param undoable whether [#undo] may be called: every file is read before it is written
    LimitFiles(Cgroup cgroup, boolean undoable) {
        this.cgroup = cgroup;
        this.undoable = undoable;
    }

    Cgroup cgroup() {
        return cgroup;
    }

    Optional<String> get(String controller, String file) throws IOException {
        return cgroup.get(controller, file);
    }

    /// The number in a file; 0 if it is not there.
    long number(String controller, String file) throws IOException {
        return KeyedFile.value(cgroup, controller, file);
    }

    void set(String controller, String file, long value) throws IOException {
        set(controller, file, Long.toString(value));
    }

    /// @throws LimitRefused if the kernel does not take it
    void set(String controller, String file, String value) throws IOException {
        Optional<String> before = undoable ? get(controller, file) : Optional.empty();
        cgroup.set(controller, file, value);
        before.ifPresent(text -> written.push(new Written(controller, file, text.strip())));
    }

    /// Puts back what was there, the last one first, as limits depend on each other.
    void undo(Exception cause) {
        while (!written.isEmpty()) {
            Written last = written.pop();
            try {
                cgroup.set(last.controller, last.file, last.before);
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
    }

    /// Whether a failed write says that a value was busy, and not wrong.
    static boolean isBusy(LimitRefused refused) {
        return refused.getCause() instanceof Errno errno && errno.is(Errno.EBUSY);
    }

    static boolean isInvalid(LimitRefused refused) {
        return refused.getCause() instanceof Errno errno && errno.is(Errno.EINVAL);
    }
}
