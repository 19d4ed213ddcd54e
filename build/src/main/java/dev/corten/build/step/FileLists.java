package dev.corten.build.step;

import dev.corten.build.file.CopyRequest;
import dev.corten.build.file.FileCopy;
import dev.corten.build.work.Tree;
import dev.corten.kernel.Fd;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/// What files steps have read of contexts, until somebody writes it down. Thread-safe.
public final class FileLists {
    /// Of more nothing is noted.
    private static final int MOST = 20_000;

    private final ReentrantLock lock = new ReentrantLock();

    /// Of all together no more is kept: what a step has read that was ended, or that another build has
    /// done, nobody takes.
    private static final int MOST_KEPT = 2 * MOST;

    /// Guarded by lock; the oldest first.
    private final Deque<FileOperation> order = new ArrayDeque<>();

    /// Guarded by lock; how many files there are in all lists.
    private int kept;

    /// Guarded by lock.
    private final IdentityHashMap<FileOperation, SortedMap<PathBytes, String>> lists =
            new IdentityHashMap<>();

    /// @param tree the input, if it is no image's
    void heard(FileOperation operation, Fd source, Tree tree, CopyRequest request)
            throws IOException {
        if (tree.chainId().isPresent()) {
            return;
        }
        SortedMap<PathBytes, String> files = FileCopy.list(source, request, tree::known, MOST);
        lock.lock();
        try {
            SortedMap<PathBytes, String> all = lists.get(operation);
            if (all == null) {
                all = new TreeMap<>();
                lists.put(operation, all);
                order.addLast(operation);
            }
            kept -= all.size();
            all.putAll(files);
            kept += all.size();
            while (kept > MOST_KEPT && order.size() > 1) {
                remove(order.getFirst());
            }
        } finally {
            lock.unlock();
        }
    }

    /// What differs if a file does, by path. It is forgotten then.
    public SortedMap<PathBytes, String> take(FileOperation operation) {
        lock.lock();
        try {
            return remove(operation);
        } finally {
            lock.unlock();
        }
    }

    // What is kept is kept by identity.
    @SuppressWarnings("ReferenceEquality")
    private SortedMap<PathBytes, String> remove(FileOperation operation) {
        SortedMap<PathBytes, String> files = lists.remove(operation);
        if (files == null) {
            return new TreeMap<>();
        }
        order.removeIf(other -> other == operation);
        kept -= files.size();
        return files;
    }
}
