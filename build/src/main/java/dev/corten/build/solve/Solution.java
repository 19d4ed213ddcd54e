package dev.corten.build.solve;

import dev.corten.model.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One graph while it is solved. For each vertex two things may be wanted, each found out once, on
/// a thread of its own: what is *known* of it, which costs next to nothing if an earlier build has
/// done the same, and its *result*, for which the step may have to run.
final class Solution<R extends Result<R>> implements Solving<R> {
    /// What is known of a vertex without its result.
    private sealed interface Known {
        /// A step without inputs whose content can be told.
        record Source(Digest content) implements Known {}

        /// A result of an earlier build.
        record Cached(CacheStore.Entry entry) implements Known {}

        /// Nothing: it has to be done.
        record Nothing() implements Known {}

        default Optional<Digest> known() {
            return switch (this) {
                case Source(Digest content) -> Optional.of(content);
                case Cached(CacheStore.Entry entry) -> Optional.of(entry.content());
                case Nothing() -> Optional.empty();
            };
        }
    }

    private interface Finding<T> {
        T find() throws IOException, InterruptedException, StepFailure;
    }

    private final Worker<R> worker;
    private final CacheStore<R> cache;
    private final Executions<R> executions;

    /// Of steps that are this build's own affair.
    private final Executions<R> alone = new Executions<>();

    private final Listener listener;

    /// Never completes normally.
    private final CompletableFuture<Void> failed = new CompletableFuture<>();

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock.
    private final Map<Vertex, CompletableFuture<Known>> known = new HashMap<>();

    /// Guarded by lock.
    private final Map<Vertex, CompletableFuture<R>> results = new HashMap<>();

    /// Guarded by lock; threads at work, and whether there may be more.
    private final Set<Thread> threads = new HashSet<>();

    /// Guarded by lock.
    private boolean closed;

    Solution(Worker<R> worker, CacheStore<R> cache, Executions<R> executions, Listener listener) {
        this.worker = worker;
        this.cache = cache;
        this.executions = executions;
        this.listener = listener;
    }

    /// @return to be closed
    R solve(Vertex target) throws StepFailure, IOException, InterruptedException {
        @Nullable R result = null;
        try {
            result = await(result(target)).share();
        } finally {
            if (end()) {
                if (result != null) {
                    result.close();
                }
                Thread.currentThread().interrupt();
            }
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return result;
    }

    @Override
    public void want(Vertex vertex) {
        result(vertex);
    }

    @Override
    public R await(Vertex vertex) throws StepFailure, IOException, InterruptedException {
        return await(result(vertex)).share();
    }

    @Override
    public void close() {
        if (end()) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whatever else the target waits for: the first step that fails is the end.
    private R await(CompletableFuture<R> result)
            throws StepFailure, IOException, InterruptedException {
        try {
            CompletableFuture.anyOf(result, failed).get();
        } catch (ExecutionException e) {
            throw unwrapped(e);
        }
        return get(result);
    }

    private CompletableFuture<Known> known(Vertex vertex) {
        return once(known, vertex, () -> findKnown(vertex));
    }

    private CompletableFuture<R> result(Vertex vertex) {
        return once(results, vertex, () -> findResult(vertex));
    }

    private <T> CompletableFuture<T> once(
            Map<Vertex, CompletableFuture<T>> findings, Vertex vertex, Finding<T> finding) {
        lock.lock();
        try {
            CompletableFuture<T> before = findings.get(vertex);
            if (before != null) {
                return before;
            }
            var future = new CompletableFuture<T>();
            findings.put(vertex, future);
            if (closed) {
                future.completeExceptionally(new InterruptedException());
                return future;
            }
            Thread thread = Thread.ofVirtual().unstarted(() -> find(finding, future));
            threads.add(thread);
            thread.start();
            return future;
        } finally {
            lock.unlock();
        }
    }

    private <T> void find(Finding<T> finding, CompletableFuture<T> future) {
        try {
            future.complete(finding.find());
        } catch (Throwable e) {
            future.completeExceptionally(e);
            failed.completeExceptionally(e);
        } finally {
            lock.lock();
            try {
                threads.remove(Thread.currentThread());
            } finally {
                lock.unlock();
            }
        }
    }

    private static <T> T get(CompletableFuture<T> future)
            throws IOException, InterruptedException, StepFailure {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw unwrapped(e);
        }
    }

    private static RuntimeException unwrapped(ExecutionException e)
            throws IOException, InterruptedException, StepFailure {
        return switch (e.getCause()) {
            case IOException cause -> throw cause;
            case InterruptedException cause -> throw cause;
            case StepFailure cause -> throw cause;
            case RuntimeException cause -> throw cause;
            case Error cause -> throw cause;
            case Throwable cause -> new IllegalStateException(cause);
            case null -> new IllegalStateException(e);
        };
    }

    private Known findKnown(Vertex vertex) throws IOException, InterruptedException, StepFailure {
        Operation operation = vertex.operation();
        if (operation.alwaysRuns()) {
            return new Known.Nothing();
        }
        if (vertex.inputs().isEmpty()) {
            Optional<Digest> content = worker.content(operation);
            if (content.isPresent()) {
                listener.begun(vertex);
                listener.ended(vertex, Listener.End.CACHED);
                return new Known.Source(content.get());
            }
        }
        List<Optional<Digest>> contents = contents(vertex);
        Optional<Digest> broad = broad(vertex, contents);
        if (broad.isPresent()) {
            Optional<CacheStore.Entry> entry = cache.find(broad.get());
            if (entry.isPresent()) {
                List<Digest> inputs = contents.stream().map(Optional::orElseThrow).toList();
                listener.decided(vertex, Listener.Decision.SAME_INPUTS, inputs);
                return cached(vertex, entry.get());
            }
        }
        List<Digest> parts = knownParts(vertex, contents);
        if (parts.isEmpty()) {
            return new Known.Nothing();
        }
        Optional<CacheStore.Entry> entry = cache.find(Keys.narrow(operation, parts));
        if (entry.isEmpty()) {
            return new Known.Nothing();
        }
        if (broad.isPresent()) {
            cache.alias(broad.get(), entry.get());
        }
        listener.decided(vertex, Listener.Decision.SAME_PARTS, parts);
        return cached(vertex, entry.get());
    }

    private Known cached(Vertex vertex, CacheStore.Entry entry) {
        listener.begun(vertex);
        listener.ended(vertex, Listener.End.CACHED);
        return new Known.Cached(entry);
    }

    private List<Optional<Digest>> contents(Vertex vertex)
            throws IOException, InterruptedException, StepFailure {
        List<CompletableFuture<Known>> futures =
                vertex.inputs().stream().map(this::sought).toList();
        var contents = new ArrayList<Optional<Digest>>();
        for (CompletableFuture<Known> future : futures) {
            contents.add(get(future).known());
        }
        return contents;
    }

    /// Likewise, of what somebody waits for who wants a result in the end. A step of which nothing is
    /// known has to run then, as no key of what comes after it can be told before: it begins at once,
    /// whatever else is still looked for.
    private CompletableFuture<Known> sought(Vertex vertex) {
        CompletableFuture<Known> future = known(vertex);
        future.thenAccept(found -> {
            if (found instanceof Known.Nothing) {
                result(vertex);
            }
        });
        return future;
    }

    private static Optional<Digest> broad(Vertex vertex, List<Optional<Digest>> contents) {
        return contents.stream().allMatch(Optional::isPresent)
                ? Optional.of(
                        Keys.broad(
                                vertex.operation(),
                                contents.stream().map(Optional::orElseThrow).toList()))
                : Optional.empty();
    }

    /// The results of those inputs have to be made of which the step reads a part.
    ///
    /// @return none if it reads all of all, or if something of an input is not known
    private List<Digest> knownParts(Vertex vertex, List<Optional<Digest>> contents)
            throws IOException, InterruptedException, StepFailure {
        Operation operation = vertex.operation();
        boolean any = false;
        var futures = new ArrayList<@Nullable CompletableFuture<R>>();
        for (int i = 0; i < vertex.inputs().size(); i++) {
            boolean part = operation.readsPartOf(i);
            any |= part;
            if (!part && contents.get(i).isEmpty()) {
                return List.of();
            }
            futures.add(part ? result(vertex.inputs().get(i)) : null);
        }
        if (!any) {
            return List.of();
        }
        var parts = new ArrayList<Digest>();
        for (int i = 0; i < futures.size(); i++) {
            CompletableFuture<R> future = futures.get(i);
            parts.add(
                    future == null
                            ? contents.get(i).orElseThrow()
                            : selection(vertex, i, get(future)));
        }
        return parts;
    }

    private R findResult(Vertex vertex) throws IOException, InterruptedException, StepFailure {
        switch (get(known(vertex))) {
            case Known.Cached(CacheStore.Entry entry) -> {
                Optional<R> cached = cache.open(entry);
                if (cached.isPresent()) {
                    return cached.get();
                }
            }
            // It was told of already: what it takes is to open it.
            case Known.Source _ -> {
                return source(vertex);
            }
            case Known.Nothing() -> {}
        }
        List<CompletableFuture<R>> futures = vertex.inputs().stream().map(this::result).toList();
        var inputs = new ArrayList<R>();
        for (CompletableFuture<R> future : futures) {
            inputs.add(get(future));
        }
        return run(vertex, inputs);
    }

    private R source(Vertex vertex) throws InterruptedException, StepFailure {
        try {
            return worker.run(vertex.operation(), List.of(), (stream, bytes) -> {});
        } catch (IOException | RuntimeException e) {
            throw new StepFailure(vertex, e);
        }
    }

    private R run(Vertex vertex, List<R> inputs)
            throws IOException, InterruptedException, StepFailure {
        Operation operation = vertex.operation();
        // What the inputs hold is certain only now: one that was known, but not there any more, may
        // have been made anew and be another one.
        Digest broad = Keys.broad(operation, inputs.stream().map(Result::content).toList());
        List<Digest> parts = parts(vertex, inputs);
        Digest narrow = Keys.narrow(operation, parts);
        if (!operation.alwaysRuns()) {
            for (Digest key : List.of(broad, narrow)) {
                Optional<CacheStore.Entry> entry = cache.find(key);
                Optional<R> cached = entry.isPresent() ? cache.open(entry.get()) : Optional.empty();
                if (cached.isPresent()) {
                    listener.decided(vertex, Listener.Decision.SAME_PARTS, parts);
                    listener.begun(vertex);
                    listener.ended(vertex, Listener.End.CACHED);
                    return cached.get();
                }
            }
        }
        listener.decided(vertex, Listener.Decision.RUNS, parts);
        listener.begun(vertex);
        Listener.End end = Listener.End.FAILED;
        try {
            R result =
                    (operation.isShared() ? executions : alone)
                            .run(
                                    broad,
                                    inputs,
                                    (held, output) ->
                                            execute(vertex, held, List.of(broad, narrow), output),
                                    new Told(listener, vertex));
            end = Listener.End.DONE;
            return result;
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new StepFailure(vertex, cause == null ? e : cause);
        } catch (InterruptedException e) {
            end = Listener.End.CANCELED;
            throw e;
        } finally {
            listener.ended(vertex, end);
        }
    }

    /// What a step says, for one build.
    private record Told(Listener listener, Vertex vertex) implements StepOutput {
        @Override
        public void write(int stream, byte[] bytes) {
            listener.wrote(vertex, stream, bytes);
        }

        @Override
        public void runsIn(String sandbox) {
            listener.runsIn(vertex, sandbox);
        }

        @Override
        public void progress(String part, long current, long total, boolean done) {
            listener.progressed(vertex, part, current, total, done);
        }
    }

    /// What a step reads of an input. If it asks for what is not there, it has failed.
    private Digest selection(Vertex vertex, int input, R result)
            throws StepFailure, InterruptedException {
        try {
            return worker.selection(vertex.operation(), input, result);
        } catch (IOException | RuntimeException e) {
            listener.begun(vertex);
            listener.ended(vertex, Listener.End.FAILED);
            throw new StepFailure(vertex, e);
        }
    }

    private List<Digest> parts(Vertex vertex, List<R> inputs)
            throws StepFailure, InterruptedException {
        Operation operation = vertex.operation();
        var parts = new ArrayList<Digest>();
        for (int i = 0; i < inputs.size(); i++) {
            parts.add(
                    operation.readsPartOf(i)
                            ? selection(vertex, i, inputs.get(i))
                            : inputs.get(i).content());
        }
        return parts;
    }

    private R execute(Vertex vertex, List<R> inputs, List<Digest> keys, StepOutput output)
            throws IOException, InterruptedException {
        R result = worker.run(vertex.operation(), inputs, output);
        try {
            for (Digest key : keys) {
                cache.add(key, vertex, result);
            }
            return result;
        } catch (Throwable e) {
            result.close();
            throw e;
        }
    }

    /// Ends what is running, and lets go of all results.
    ///
    /// @return whether this thread was interrupted meanwhile
    private boolean end() {
        List<Thread> running;
        lock.lock();
        try {
            closed = true;
            running = List.copyOf(threads);
        } finally {
            lock.unlock();
        }
        boolean interrupted = Thread.interrupted();
        for (Thread thread : running) {
            thread.interrupt();
        }
        for (Thread thread : running) {
            interrupted |= awaitEnd(thread);
        }
        List<CompletableFuture<R>> made;
        lock.lock();
        try {
            made = List.copyOf(results.values());
        } finally {
            lock.unlock();
        }
        for (CompletableFuture<R> future : made) {
            if (future.isDone() && !future.isCompletedExceptionally()) {
                future.join().close();
            }
        }
        return interrupted;
    }

    /// @return whether this thread was interrupted meanwhile
    private static boolean awaitEnd(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }
}
