package dev.corten.engine.build.classic;

import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Vertex;
import dev.corten.build.work.Tree;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Brings the output of steps that run beside each other into the order of the Dockerfile: what one
/// writes before its turn is kept, within a bound. Steps never wait for a client.
final class StepOutputs implements Listener {
    /// Of all steps together, in bytes.
    private static final int MAX_KEPT = 4 << 20;

    private static final byte[] CLIPPED =
            "\n[output clipped, log limit 4MiB reached]\n".getBytes(StandardCharsets.UTF_8);

    /// Takes what a step does at its turn.
    interface Turn {
        void runsIn(String sandbox);

        void wrote(int stream, byte[] bytes);
    }

    private record Piece(int stream, byte[] bytes) {}

    /// Guarded by the lock.
    private static final class Log {
        private final ArrayDeque<Piece> pieces = new ArrayDeque<>();
        private @Nullable String sandbox;
        private @Nullable End end;
        private boolean clipped;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Guarded by the lock.
    private final Map<Vertex, Log> logs = new HashMap<>();

    /// Guarded by the lock.
    private int kept;

    private Log log(Vertex vertex) {
        return logs.computeIfAbsent(vertex, _ -> new Log());
    }

    @Override
    public void begun(Vertex vertex) {}

    @Override
    public void runsIn(Vertex vertex, String sandbox) {
        lock.lock();
        try {
            log(vertex).sandbox = sandbox;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void wrote(Vertex vertex, int stream, byte[] bytes) {
        lock.lock();
        try {
            Log log = log(vertex);
            if (kept + bytes.length <= MAX_KEPT) {
                log.pieces.add(new Piece(stream, bytes));
                log.clipped = false;
                kept += bytes.length;
            } else if (!log.clipped) {
                log.clipped = true;
                log.pieces.add(new Piece(stream, CLIPPED));
                kept += CLIPPED.length;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void ended(Vertex vertex, End end) {
        lock.lock();
        try {
            log(vertex).end = end;
        } finally {
            lock.unlock();
        }
    }

    /// Tells what a step does until its result is there.
    ///
    /// @return how it ended, as far as that was heard
    Optional<End> follow(Vertex vertex, CompletableFuture<Tree> result, Turn turn)
            throws InterruptedException {
        result.whenComplete((_, _) -> wake());
        boolean told = false;
        while (true) {
            String sandbox = null;
            Piece piece = null;
            lock.lockInterruptibly();
            try {
                Log log = log(vertex);
                sandbox = told ? null : log.sandbox;
                piece = sandbox == null ? log.pieces.poll() : null;
                if (piece != null) {
                    kept -= piece.bytes.length;
                } else if (sandbox == null) {
                    if (result.isDone()) {
                        return Optional.ofNullable(log.end);
                    }
                    changed.await();
                }
            } finally {
                lock.unlock();
            }
            if (sandbox != null) {
                told = true;
                turn.runsIn(sandbox);
            }
            if (piece != null) {
                turn.wrote(piece.stream, piece.bytes);
            }
        }
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
