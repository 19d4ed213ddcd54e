package dev.corten.build.step;

import dev.corten.build.file.CopyRequest;
import dev.corten.build.file.FileCopy;
import dev.corten.build.work.Tree;
import dev.corten.kernel.Fd;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.util.IdentityHashMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/// What files steps have read of contexts, until somebody writes it down. Thread-safe.
public final class FileLists {
    /// Of more nothing is noted.
    private static final int MOST = 20_000;

    private final ReentrantLock lock = new ReentrantLock();

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
            lists.computeIfAbsent(operation, o -> new TreeMap<>()).putAll(files);
        } finally {
            lock.unlock();
        }
    }

    /// What differs if a file does, by path. It is forgotten then.
    public SortedMap<PathBytes, String> take(FileOperation operation) {
        lock.lock();
        try {
            SortedMap<PathBytes, String> files = lists.remove(operation);
            return files == null ? new TreeMap<>() : files;
        } finally {
            lock.unlock();
        }
    }
}
