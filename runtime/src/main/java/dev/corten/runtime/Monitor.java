package dev.corten.runtime;

import dev.corten.kernel.Fd;
import dev.corten.model.ContainerId;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A container's monitor: one process that holds its streams and reaps it.
///
/// Safe for use by many threads. Calls that ask wait for the monitor's answer, which comes at
/// once; all are meant for virtual threads. [IOException] means that the monitor is gone.
public interface Monitor extends AutoCloseable {
    ContainerId id();

    /// Lets the container run and waits until its command has been executed, but not for ever.
    /// Meanwhile a SIGKILL by [#signal] has it fail.
    ///
    /// @throws StartFailure if a step failed; the monitor has ended then
    Started start() throws IOException, StartFailure, InterruptedException;

    /// The identity of the container's process; absent before [#start] has returned.
    Optional<Started> started();

    /// Completes when the process has ended, its output is drained and `exit.json` is written.
    /// Completes exceptionally, with an [IOException], if the monitor was lost.
    CompletableFuture<ExitStatus> exit();

    /// Completes at the first report of an out-of-memory kill; never if there is none.
    CompletableFuture<Void> outOfMemory();

    /// Hands a client's socket over.
    Attachment attach(Attach attach) throws IOException;

    /// Sends a signal to the container's first process.
    void signal(int signal) throws IOException;

    void resize(int rows, int columns) throws IOException;

    void closeStdin() throws IOException;

    /// Runs another process in the container.
    ///
    /// @throws StartFailure if it could not be executed
    ExecProcess exec(ExecRequest request) throws IOException, StartFailure, InterruptedException;

    LogPosition logPosition() throws IOException;

    /// Opens the log anew, after somebody else has moved it away.
    void reopenLog() throws IOException;

    /// Gives descriptors to hold for a later daemon, by name. They stay the caller's, too.
    void keep(Map<String, Fd> descriptors) throws IOException;

    /// The descriptors that are kept, as duplicates that the caller closes.
    Map<String, Fd> kept() throws IOException;

    /// Says that the exit has been recorded: the monitor need not stay for another daemon.
    void bye();

    /// Lets go of the monitor; it lives on.
    @Override
    void close();

    /// A process that runs.
    ///
    /// @param startTime field 22 of `/proc/PID/stat`, in clock ticks since the boot
    record Started(int pid, long startTime) {}

    /// A client's socket at the monitor.
    interface Attachment {
        /// Where the log stood when the client was attached.
        LogPosition position();

        /// Lets a held stream flow.
        void release() throws IOException;

        void detach() throws IOException;

        /// Completes when the client is gone, with the reason.
        CompletableFuture<Reason> detached();

        /// Why a client was detached.
        enum Reason {
            CLIENT_LEFT,
            DETACH_KEYS,
            CONTAINER_ENDED,
            TOO_SLOW,
            MONITOR_LOST
        }
    }

    /// Another process in the container.
    interface ExecProcess {
        Started started();

        /// The status as waitpid(2) gives it; exceptionally if the monitor was lost.
        CompletableFuture<Integer> exit();

        void signal(int signal) throws IOException;

        void resize(int rows, int columns) throws IOException;

        void closeStdin() throws IOException;
    }
}
