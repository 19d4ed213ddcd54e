package dev.corten.engine.container;

import dev.corten.engine.container.view.StopOutcome;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.kernel.Errno;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.kernel.process.Signals;
import dev.corten.model.Conflict;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.container.ContainerStatus;
import dev.corten.runtime.Monitor;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Ends containers: asks them to, or does not ask.
final class Stopping {
    /// Docker's grace period when neither the client nor the container gives one.
    private static final int DEFAULT_STOP_SECONDS = 10;

    /// How long a kill waits for the kernel to end the process.
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    /// How long a monitor may take to tell of it: two seconds for what is left in the container's
    /// control group, and two for its output.
    private static final Duration MONITOR_PATIENCE = Duration.ofSeconds(6);

    private static final Logger LOG = System.getLogger(Stopping.class.getName());

    private final ContainerTable table;
    private final LifeCycle life;
    private final Pausing pausing;

    Stopping(ContainerTable table, LifeCycle life, Pausing pausing) {
        this.table = table;
        this.life = life;
        this.pausing = pausing;
    }

    /// Asks the container to end, and ends it when the grace period is over.
    ///
    /// @param seconds the grace period; negative waits for ever; empty takes the container's
    /// @param signal empty takes the container's
    StopOutcome stop(String reference, OptionalInt seconds, Optional<String> signal)
            throws IOException, InterruptedException {
        Container container = table.get(reference);
        int number = stopSignal(container, reference, signal);
        while (container.status().countsAsRunning()) {
            boolean stopped = life.giveUpRestart(container);
            if (!stopped && runsFor(container, Container.PolicyAfterStop.OFF)) {
                end(container, reference, seconds, number);
                stopped = true;
            }
            if (stopped) {
                life.publish(container, "stop", Map.of());
                return StopOutcome.STOPPED;
            }
        }
        return StopOutcome.NOT_RUNNING;
    }

    private static int stopSignal(Container container, String reference, Optional<String> signal) {
        try {
            return signal.filter(s -> !s.isEmpty()).map(Stopping::number).orElse(signal(container));
        } catch (InvalidParameter e) {
            throw new InvalidParameter(
                    "cannot stop container: " + reference + ": " + e.message(), e);
        }
    }

    /// Notes that somebody wants the end.
    ///
    /// @return whether there is a process that could end
    private boolean runsFor(Container container, Container.PolicyAfterStop policy)
            throws InterruptedException {
        if (container.status() instanceof ContainerStatus.Running) {
            life.stopRequested(container, policy);
        }
        // Should it have ended just before that, it waits for a restart now.
        return container.status() instanceof ContainerStatus.Running;
    }

    /// How many seconds the container gets to end; negative for as long as it takes.
    static int grace(Container container) {
        Integer own = container.config.stopTimeout();
        return own == null ? DEFAULT_STOP_SECONDS : own;
    }

    /// Ends the container because the daemon ends: nobody has asked for it.
    void atShutdown(Container container) throws IOException, InterruptedException {
        end(container, container.name(), OptionalInt.empty(), signal(container));
        life.publish(container, "stop", Map.of());
    }

    private void end(Container container, String reference, OptionalInt seconds, int number)
            throws IOException, InterruptedException {
        int grace = seconds.orElse(grace(container));
        var exit = container.await(WaitCondition.NOT_RUNNING);
        try {
            signal(container, number);
            if (!ended(
                    exit, grace < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(grace)))) {
                signal(container, Signals.SIGKILL);
                if (!endedByKill(container, exit)) {
                    throw new Internal(
                            "cannot stop container: "
                                    + reference
                                    + ": tried to kill container, but did not receive an exit"
                                    + " event");
                }
            }
        } finally {
            exit.cancel(false);
        }
    }

    /// Sends a signal. SIGKILL waits for the end.
    ///
    /// @param signal a name with or without `SIG`, or a number
    void kill(String reference, String signal) throws IOException, InterruptedException {
        int number;
        Container container;
        try {
            number = signal.isEmpty() ? Signals.SIGKILL : number(signal);
            container = table.get(reference);
            if (number > Signals.SIGRTMAX) {
                throw new InvalidParameter("the linux daemon does not support signal " + number);
            }
        } catch (InvalidParameter e) {
            throw new InvalidParameter(
                    "cannot kill container: " + reference + ": " + e.message(), e);
        } catch (NotFound e) {
            throw new NotFound("cannot kill container: " + reference + ": " + e.message(), e);
        }
        Container.PolicyAfterStop policy = policyAfter(container, number);
        while (!runsFor(container, policy)) {
            if (!container.status().countsAsRunning()) {
                throw cannotKill(container, reference);
            }
            if (policy == Container.PolicyAfterStop.GOES_ON || life.giveUpRestart(container)) {
                return;
            }
        }
        var exit = container.await(WaitCondition.NOT_RUNNING);
        try {
            boolean sent = signal(container, number);
            if (number != Signals.SIGKILL) {
                if (!sent) {
                    throw cannotKill(container, reference);
                }
            } else if (!endedByKill(container, exit)) {
                throw new Internal(
                        "cannot kill container: "
                                + reference
                                + ": tried to kill container, but did not receive an exit event");
            }
        } finally {
            exit.cancel(false);
        }
    }

    /// Docker takes any signal for the wish that the container end for good, unless the container
    /// says which signal that is.
    private static Container.PolicyAfterStop policyAfter(Container container, int number) {
        boolean end =
                number == Signals.SIGKILL
                        || container.config.stopSignal().isEmpty()
                        || number == signal(container);
        return end ? Container.PolicyAfterStop.OFF : Container.PolicyAfterStop.GOES_ON;
    }

    private static Conflict cannotKill(Container container, String reference) {
        return new Conflict(
                "cannot kill container: "
                        + reference
                        + ": container "
                        + container.id
                        + " is not running");
    }

    /// A paused container goes on, to notice the signal.
    ///
    /// @return false if the process has ended and its exit is on the way to us
    private boolean signal(Container container, int number) throws IOException {
        return pausing.concerns(container)
                ? pausing.unpauseAfter(container, () -> send(container, number))
                : send(container, number);
    }

    private boolean send(Container container, int number) throws IOException {
        Optional<Monitor> monitor = container.monitor();
        if (monitor.isEmpty() && !(container.status() instanceof ContainerStatus.Running)) {
            return false;
        }
        life.publish(container, "kill", Map.of("signal", Integer.toString(number)));
        // Nobody can be asked to deal with this one, so that nobody's help is needed.
        if (number == Signals.SIGKILL && directly(container, number)) {
            return true;
        }
        try {
            if (monitor.isPresent()) {
                monitor.get().signal(number);
                return true;
            }
        } catch (IOException e) {
            if (e instanceof Errno errno && errno.is(Errno.ESRCH)
                    || monitor.get().exit().isDone()) {
                return false;
            }
            LOG.log(Level.WARNING, () -> "container " + container.id + ": its monitor is slow", e);
        }
        return directly(container, number);
    }

    /// For a container whose monitor does not answer, stopped perhaps: its process can be told.
    private boolean directly(Container container, int number) throws IOException {
        Optional<ProcessIdentity> identity = process(container);
        if (identity.isEmpty()) {
            return false;
        }
        Optional<Pidfd> process = Pidfd.open(identity.get());
        if (process.isPresent()) {
            try (Pidfd open = process.get()) {
                open.signal(number);
            }
        }
        return process.isPresent();
    }

    private Optional<ProcessIdentity> process(Container container) {
        return container.status() instanceof ContainerStatus.Running running
                ? Optional.of(
                        new ProcessIdentity(life.bootId(), running.pid(), running.pidStartTime()))
                : Optional.empty();
    }

    /// The process has got SIGKILL: waits for its end, which a monitor may be unable to tell of.
    private boolean endedByKill(Container container, CompletableFuture<WaitResult> exit)
            throws IOException, InterruptedException {
        if (ended(exit, Optional.of(MONITOR_PATIENCE))) {
            return true;
        }
        Optional<ProcessIdentity> process = process(container);
        if (process.isPresent()) {
            DeafMonitor.end(process.get());
        }
        return ended(exit, Optional.of(KILL_PATIENCE.minus(MONITOR_PATIENCE)));
    }

    private static boolean ended(CompletableFuture<WaitResult> exit, Optional<Duration> limit)
            throws InterruptedException {
        try {
            if (limit.isPresent()) {
                exit.get(limit.get().toMillis(), TimeUnit.MILLISECONDS);
            } else {
                exit.get();
            }
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a wait never fails", e);
        }
    }

    static int signal(Container container) {
        String own = container.config.stopSignal();
        return own.isEmpty() ? Signals.SIGTERM : number(own);
    }

    private static int number(String signal) {
        return Signals.parse(signal)
                .orElseThrow(() -> new InvalidParameter("invalid signal: " + signal));
    }
}
