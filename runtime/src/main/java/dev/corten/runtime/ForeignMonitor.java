package dev.corten.runtime;

import dev.corten.kernel.Fd;
import dev.corten.model.ContainerId;
import dev.corten.model.NotImplemented;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A monitor whose container another runtime has made: signals, execs and the end go through it.
final class ForeignMonitor implements Monitor {
    private static final System.Logger LOG = System.getLogger(ForeignMonitor.class.getName());
    private static final Executor VIRTUAL = task -> Thread.ofVirtual().start(task);

    private final ShimMonitor monitor;
    private final ForeignBundle bundle;
    private final ShimMonitors owner;
    private final long consoleTag;
    private final CompletableFuture<ExitStatus> exit;
    private final AtomicBoolean deleted = new AtomicBoolean();

    ForeignMonitor(ShimMonitor monitor, ForeignBundle bundle, ShimMonitors owner, long consoleTag) {
        this.monitor = monitor;
        this.bundle = bundle;
        this.owner = owner;
        this.consoleTag = consoleTag;
        // Whoever hears of the end finds that the runtime has forgotten the container.
        this.exit = monitor.exit().handleAsync(this::ended, VIRTUAL);
    }

    private ExitStatus ended(@Nullable ExitStatus status, @Nullable Throwable failure) {
        if (status == null) {
            // The connection has ended, the container need not have.
            throw failure instanceof CompletionException known
                    ? known
                    : new CompletionException(failure);
        }
        delete();
        return status;
    }

    private void delete() {
        if (!deleted.compareAndSet(false, true)) {
            return;
        }
        try {
            bundle.delete();
        } catch (IOException e) {
            // The next start, or the next daemon, tries again.
            LOG.log(Level.WARNING, () -> "bundle of " + monitor.id() + " stays", e);
        }
    }

    @Override
    public ContainerId id() {
        return monitor.id();
    }

    @Override
    public Started start() throws IOException, StartFailure, InterruptedException {
        try {
            return monitor.start();
        } catch (StartFailure e) {
            Optional<String> said = bundle.lastError();
            delete();
            throw said.map(StartFailure::foreign).orElse(e);
        } finally {
            bundle.forgetProcess(consoleTag);
        }
    }

    @Override
    public Optional<Started> started() {
        return monitor.started();
    }

    @Override
    public CompletableFuture<ExitStatus> exit() {
        return exit;
    }

    @Override
    public CompletableFuture<Void> outOfMemory() {
        return monitor.outOfMemory();
    }

    @Override
    public Attachment attach(Attach attach) throws IOException {
        return monitor.attach(attach);
    }

    /// By the runtime, for whom the first process may be one of a virtual machine.
    @Override
    public void signal(int signal) throws IOException {
        if (started().isEmpty() || monitor.exit().isDone()) {
            monitor.signal(signal);
            return;
        }
        Optional<String> failure =
                bundle.run(bundle.command("kill", id().hex(), Integer.toString(signal)));
        if (failure.isPresent()) {
            LOG.log(Level.DEBUG, () -> id() + ": kill by the runtime: " + failure.get());
            monitor.signal(signal);
        }
    }

    @Override
    public void resize(int rows, int columns) throws IOException {
        monitor.resize(rows, columns);
    }

    @Override
    public void closeStdin() throws IOException {
        monitor.closeStdin();
    }

    @Override
    public ExecProcess exec(ExecRequest request)
            throws IOException, StartFailure, InterruptedException {
        if (request.toolbox().isPresent()) {
            throw new NotImplemented("tools in a container of another runtime are not supported");
        }
        long tag = owner.firstTag();
        bundle.writeProcess(tag, request.process());
        try (var console =
                ForeignContainers.ConsoleSocket.open(bundle, tag, request.process().terminal())) {
            Plan plan = ForeignPlan.exec(request, bundle, tag, console.asArgument());
            Fd memory = ShimMonitors.memory(plan);
            return monitor.exec(
                    new ShimMonitors.PreparedExec(plan, memory, Placement.NONE), request);
        } catch (StartFailure e) {
            throw bundle.lastError().map(StartFailure::foreign).orElse(e);
        } finally {
            bundle.forgetProcess(tag);
        }
    }

    @Override
    public LogPosition logPosition() throws IOException {
        return monitor.logPosition();
    }

    @Override
    public void reopenLog() throws IOException {
        monitor.reopenLog();
    }

    @Override
    public void keep(Map<String, Fd> descriptors) throws IOException {
        monitor.keep(descriptors);
    }

    @Override
    public Map<String, Fd> kept() throws IOException {
        return monitor.kept();
    }

    @Override
    public void bye() {
        monitor.bye();
        delete();
    }

    @Override
    public void close() {
        monitor.close();
    }
}
