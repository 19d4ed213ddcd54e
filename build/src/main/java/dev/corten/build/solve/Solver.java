package dev.corten.build.solve;

import java.io.IOException;

/// Solves graphs; one for each daemon, so that builds can share what runs at the same time.
///
/// @param <R> what steps make
public final class Solver<R extends Result<R>> {
    private final Worker<R> worker;
    private final CacheStore<R> cache;
    private final Executions<R> executions = new Executions<>();

    public Solver(Worker<R> worker, CacheStore<R> cache) {
        this.worker = worker;
        this.cache = cache;
    }

    /// Begins to solve, in the background, whatever is asked for. Closing ends what runs.
    public Solving<R> begin(Listener listener) {
        return new Solution<>(worker, cache, executions, listener);
    }

    /// Likewise, with a cache of the build's own, of which other builds know nothing: it shares no
    /// steps with them either.
    public Solving<R> begin(CacheStore<R> own, Listener listener) {
        return new Solution<>(worker, own, new Executions<>(), listener);
    }

    /// Solves for one vertex. Steps that do not wait for each other run at the same time; of those
    /// that nothing of the target depends on, none is looked at. When one fails, those that are
    /// running are ended. An interrupt ends all of them at once.
    ///
    /// @return to be closed
    /// @throws StepFailure for the first step that failed
    public R solve(Vertex target, Listener listener)
            throws StepFailure, IOException, InterruptedException {
        return new Solution<>(worker, cache, executions, listener).solve(target);
    }
}
