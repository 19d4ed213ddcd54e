package dev.corten.build.solve;

import dev.corten.model.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The steps that run at the moment, by key: builds that want the same one share it. It ends early
/// only when the last of them has left.
final class Executions<R extends Result<R>> {
    /// What of a step's output is kept for those who come later, in bytes.
    private static final int KEPT = 1 << 20;

    /// Does the work, with a result that nobody else has.
    interface Work<R extends Result<R>> {
        R run(StepOutput output) throws IOException, InterruptedException;
    }

    private record Piece(int stream, byte[] bytes) {}

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock.
    private final Map<Digest, Execution> running = new HashMap<>();

    private final class Execution implements StepOutput {
        private final Digest key;
        private final CompletableFuture<R> done = new CompletableFuture<>();
        private final Thread thread;

        /// Guarded by lock.
        private final List<StepOutput> listeners = new ArrayList<>();

        /// Guarded by lock.
        private final List<Piece> written = new ArrayList<>();

        /// Guarded by lock.
        private int kept;

        /// Guarded by lock.
        private @Nullable String sandbox;

        /// Guarded by lock.
        private int users;

        Execution(Digest key, Work<R> work) {
            this.key = key;
            // Not a virtual one: copies and digests of files would block its carrier for long.
            this.thread =
                    Thread.ofPlatform()
                            .daemon()
                            .name("step-" + key.shortHex())
                            .unstarted(() -> run(work));
        }

        private void run(Work<R> work) {
            try {
                done.complete(work.run(this));
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        }

        @Override
        public void write(int stream, byte[] bytes) {
            lock.lock();
            try {
                if (kept + bytes.length <= KEPT) {
                    written.add(new Piece(stream, bytes));
                    kept += bytes.length;
                }
                // Under the lock, so that each of them hears all of it in order.
                listeners.forEach(listener -> listener.write(stream, bytes));
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void runsIn(String id) {
            lock.lock();
            try {
                sandbox = id;
                listeners.forEach(listener -> listener.runsIn(id));
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void progress(String part, long current, long total, boolean done) {
            lock.lock();
            try {
                listeners.forEach(listener -> listener.progress(part, current, total, done));
            } finally {
                lock.unlock();
            }
        }
    }

    /// Runs a step, or waits for the one that runs already.
    ///
    /// @return to be closed
    R run(Digest key, Work<R> work, StepOutput output)
            throws IOException, InterruptedException, ExecutionException {
        Execution execution = join(key, work, output);
        @Nullable R own = null;
        boolean left = false;
        try {
            own = execution.done.get().share();
        } finally {
            try {
                leave(execution, output);
                left = true;
            } finally {
                // Who is told to end just now does not get it.
                if (!left && own != null) {
                    own.close();
                }
            }
        }
        return own;
    }

    private Execution join(Digest key, Work<R> work, StepOutput output) {
        lock.lock();
        try {
            Execution execution = running.get(key);
            boolean fresh = execution == null;
            if (execution == null) {
                execution = new Execution(key, work);
                running.put(key, execution);
            }
            execution.users++;
            String sandbox = execution.sandbox;
            if (sandbox != null) {
                output.runsIn(sandbox);
            }
            execution.written.forEach(piece -> output.write(piece.stream(), piece.bytes()));
            execution.listeners.add(output);
            if (fresh) {
                execution.thread.start();
            }
            return execution;
        } finally {
            lock.unlock();
        }
    }

    /// The last one to leave ends the step, and nobody can join it any more.
    private void leave(Execution execution, StepOutput output) throws InterruptedException {
        lock.lock();
        try {
            execution.listeners.remove(output);
            if (--execution.users > 0) {
                return;
            }
            running.remove(execution.key, execution);
        } finally {
            lock.unlock();
        }
        execution.thread.interrupt();
        end(execution);
    }

    /// Nothing of the step is left when this returns, even if the caller is interrupted.
    private void end(Execution execution) throws InterruptedException {
        boolean interrupted = Thread.interrupted();
        while (true) {
            try {
                execution.thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        @Nullable R result =
                execution.done.isCompletedExceptionally() ? null : execution.done.join();
        if (result != null) {
            result.close();
        }
        if (interrupted) {
            throw new InterruptedException();
        }
    }
}
