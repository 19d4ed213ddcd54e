package dev.corten.engine.build.step;

import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.StepExit;
import dev.corten.kernel.Fd;
import dev.corten.kernel.process.Signals;
import dev.corten.kernel.socket.SocketPair;
import dev.corten.kernel.socket.Sockets;
import dev.corten.kernel.socket.UnixSockets;
import dev.corten.runtime.Attach;
import dev.corten.runtime.ExitStatus;
import dev.corten.runtime.Monitor;
import dev.corten.runtime.StartFailure;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/// One command that a monitor has been made for, until it has ended. For one thread.
final class Execution implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Execution.class.getName());

    /// How long an end by SIGKILL may take.
    private static final int END_SECONDS = 10;

    private final Monitor monitor;
    private final SocketPair streams;
    private final OutputReader reader;
    private boolean reading;
    private boolean ended;

    Execution(Monitor monitor, StepOutput output) throws IOException {
        this.monitor = monitor;
        this.streams = open(monitor);
        this.reader = new OutputReader("step-" + monitor.id().shortHex(), streams.first(), output);
    }

    private static SocketPair open(Monitor monitor) throws IOException {
        try {
            return UnixSockets.pair(Sockets.SOCK_STREAM);
        } catch (IOException e) {
            kill(monitor);
            throw e;
        }
    }

    /// @return when the command has ended and all of its output is with the taker
    StepExit run() throws IOException, InterruptedException, StartFailure {
        boolean attached = attach();
        try {
            monitor.start();
        } catch (StartFailure e) {
            ended = true;
            monitor.bye();
            throw e;
        }
        if (!attached) {
            throw new IOException("no output of step " + monitor.id().shortHex());
        }
        ExitStatus exit = await(monitor.exit());
        ended = true;
        await(reader.end());
        monitor.bye();
        return new StepExit(exit.exitCode(), exit.oomKilled());
    }

    /// A monitor that has failed by now says at the start why.
    private boolean attach() {
        var flags = EnumSet.of(Attach.Flag.STDOUT, Attach.Flag.STDERR, Attach.Flag.MULTIPLEXED);
        try (Fd theirs = streams.second()) {
            monitor.attach(new Attach(theirs, new byte[0], flags, new byte[0]));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "step " + monitor.id() + ": attach failed", e);
            return false;
        }
        reading = true;
        reader.start();
        return true;
    }

    private static <T> T await(CompletableFuture<T> future)
            throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException lost -> throw new IOException(lost.getMessage(), lost);
                case RuntimeException failed -> throw failed;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private static void kill(Monitor monitor) {
        try {
            monitor.signal(Signals.SIGKILL);
            monitor.exit().orTimeout(END_SECONDS, TimeUnit.SECONDS).join();
        } catch (IOException | CompletionException e) {
            // Its control group is asked afterwards, whatever the monitor says.
            LOG.log(Level.DEBUG, () -> "step " + monitor.id() + " was killed", e);
        }
        monitor.bye();
    }

    /// Kills the command, if it has not ended by itself.
    @Override
    public void close() {
        if (!ended) {
            kill(monitor);
        }
        if (reading && !reader.end().isDone()) {
            reader.interrupt();
            reader.end().handle((_, _) -> "").join();
        }
        streams.close();
    }
}
