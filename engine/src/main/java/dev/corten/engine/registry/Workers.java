package dev.corten.engine.registry;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// Tasks beside each other, a few at a time, that tell one client what they do. The first failure ends
/// all.
///
/// @param <M> what they tell
public final class Workers<M> {
    private sealed interface Happened<M> {
        record Told<M>(M message) implements Happened<M> {}

        record Ended<M>(Future<?> task) implements Happened<M> {}
    }

    private final int atOnce;

    /// Bounded by the number of tasks and the rate of their messages.
    private final BlockingQueue<Happened<M>> happened = new LinkedBlockingQueue<>();

    /// @param atOnce how many may run at a time
    public Workers(int atOnce) {
        this.atOnce = atOnce;
    }

    /// Called by tasks.
    public void tell(M message) {
        happened.add(new Happened.Told<>(message));
    }

    /// @param out called by this thread
    public void run(List<Callable<Void>> tasks, Consumer<M> out)
            throws IOException, InterruptedException {
        var slots = new Semaphore(atOnce);
        var started = new ArrayList<Future<?>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                for (Callable<Void> task : tasks) {
                    var running = new Task(slots, task);
                    started.add(running);
                    threads.execute(running);
                }
                await(started.size(), out);
            } finally {
                started.forEach(task -> task.cancel(true));
            }
        }
    }

    private final class Task extends FutureTask<Object> {
        Task(Semaphore slots, Callable<Void> task) {
            super(() -> {
                slots.acquire();
                try {
                    task.call();
                } finally {
                    slots.release();
                }
                return true;
            });
        }

        @Override
        protected void done() {
            happened.add(new Happened.Ended<>(this));
        }
    }

    private void await(int tasks, Consumer<M> out) throws IOException, InterruptedException {
        int left = tasks;
        while (left > 0) {
            switch (happened.take()) {
                case Happened.Told<M>(M message) -> out.accept(message);
                case Happened.Ended<M>(Future<?> task) -> {
                    left--;
                    check(task);
                }
            }
        }
    }

    private static void check(Future<?> task) throws IOException, InterruptedException {
        try {
            task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case InterruptedException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case null, default -> throw new IOException(e.getCause());
            }
        }
    }
}
