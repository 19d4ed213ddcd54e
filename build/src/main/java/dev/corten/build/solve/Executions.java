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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The steps that run at the moment, by key: builds that want the same one share it. It ends early
/// only when the last of them has left.
final class Executions<R extends Result<R>> {
    /// What of a step's output is kept for those who come later, in bytes.
    private static final int KEPT = 1 << 20;

    /// What a piece of it takes beside its bytes: a program may write them one by one.
    private static final int PIECE = 64;

    /// Does the work, with a result that nobody else has.
    interface Work<R extends Result<R>> {
        /// @param inputs open as long as this lasts
        R run(List<R> inputs, StepOutput output) throws IOException, InterruptedException;
    }

    private record Piece(int stream, byte[] bytes) {}

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock.
    private final Map<Digest, Execution> running = new HashMap<>();

    private final class Execution implements StepOutput {
        private final Digest key;
        private final List<R> inputs;
        private final CompletableFuture<R> done = new CompletableFuture<>();
        private final Thread thread;

        /// Held while listeners are told, so that each of them hears all of it in order. One that does
        /// not listen makes the step wait, and who joins it; nobody waits to leave.
        private final ReentrantLock telling = new ReentrantLock();

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

        /// @param inputs belong to it from now on
        Execution(Digest key, List<R> inputs, Work<R> work) {
            this.key = key;
            this.inputs = inputs;
            // Not a virtual one: copies and digests of files would block its carrier for long.
            this.thread =
                    Thread.ofPlatform()
                            .daemon()
                            .name("step-" + key.shortHex())
                            .unstarted(() -> run(work));
        }

        private void run(Work<R> work) {
            try {
                done.complete(work.run(inputs, this));
            } catch (Throwable e) {
                done.completeExceptionally(e);
            } finally {
                inputs.forEach(Result::close);
            }
        }

        /// @param heard is noted for those who come later
        private void tell(Runnable heard, Consumer<StepOutput> what) {
            telling.lock();
            try {
                List<StepOutput> all;
                lock.lock();
                try {
                    heard.run();
                    all = List.copyOf(listeners);
                } finally {
                    lock.unlock();
                }
                all.forEach(what);
            } finally {
                telling.unlock();
            }
        }

        @Override
        public void write(int stream, byte[] bytes) {
            tell(() -> keep(stream, bytes), listener -> listener.write(stream, bytes));
        }

        private void keep(int stream, byte[] bytes) {
            if (kept + bytes.length + PIECE <= KEPT) {
                written.add(new Piece(stream, bytes));
                kept += bytes.length + PIECE;
            }
        }

        @Override
        public void runsIn(String id) {
            tell(() -> sandbox = id, listener -> listener.runsIn(id));
        }

        @Override
        public void progress(String part, long current, long total, boolean done) {
            tell(() -> {}, listener -> listener.progress(part, current, total, done));
        }

        /// Once, by the first one who listens.
        void begin() {
            lock.lock();
            try {
                if (thread.getState() == Thread.State.NEW) {
                    thread.start();
                }
            } finally {
                lock.unlock();
            }
        }

        /// What was said before, and from now on all of it.
        void listen(StepOutput output) throws InterruptedException {
            telling.lockInterruptibly();
            try {
                List<Piece> before;
                @Nullable String place;
                lock.lock();
                try {
                    before = List.copyOf(written);
                    place = sandbox;
                } finally {
                    lock.unlock();
                }
                if (place != null) {
                    output.runsIn(place);
                }
                before.forEach(piece -> output.write(piece.stream(), piece.bytes()));
                lock.lock();
                try {
                    listeners.add(output);
                } finally {
                    lock.unlock();
                }
            } finally {
                telling.unlock();
            }
        }
    }

    /// Runs a step, or waits for the one that runs already.
    ///
    /// @param inputs stay the caller's: the step, which may last longer, has them once more
    /// @return to be closed
    R run(Digest key, List<R> inputs, Work<R> work, StepOutput output)
            throws InterruptedException, ExecutionException {
        Execution execution = join(key, inputs, work);
        @Nullable R result = null;
        boolean left = false;
        try {
            execution.listen(output);
            execution.begin();
            result = execution.done.get().share();
        } finally {
            try {
                leave(execution, output);
                left = true;
            } finally {
                // Who is told to end just now does not get it.
                if (!left && result != null) {
                    result.close();
                }
            }
        }
        return result;
    }

    private static <R extends Result<R>> List<R> shared(List<R> results) {
        var shared = new ArrayList<R>();
        boolean done = false;
        try {
            results.forEach(result -> shared.add(result.share()));
            done = true;
            return shared;
        } finally {
            if (!done) {
                shared.forEach(Result::close);
            }
        }
    }

    private Execution join(Digest key, List<R> inputs, Work<R> work) {
        List<R> own = shared(inputs);
        boolean taken = false;
        lock.lock();
        try {
            Execution execution = running.get(key);
            if (execution == null) {
                execution = new Execution(key, own, work);
                running.put(key, execution);
                taken = true;
            }
            execution.users++;
            return execution;
        } finally {
            lock.unlock();
            if (!taken) {
                own.forEach(Result::close);
            }
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
        if (execution.thread.getState() == Thread.State.NEW) {
            execution.inputs.forEach(Result::close);
            return; // whoever wanted it was interrupted before it began
        }
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
