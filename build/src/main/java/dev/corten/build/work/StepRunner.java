package dev.corten.build.work;

import dev.corten.build.solve.StepOutput;
import java.io.IOException;

/// Runs the commands of steps in sandboxes. Thread-safe.
public interface StepRunner {
    /// Prepares the machine for a command that is likely to follow soon; never needed.
    default void warm() {}

    /// Runs a command to its end, with all that it has started: nothing of it is left, neither
    /// processes nor mounts nor networks, when this returns. An interrupt kills it.
    ///
    /// @return how it ended
    /// @throws dev.corten.model.CortenException if it could not be started; in Docker's words
    StepExit run(StepCommand command, StepOutput output) throws IOException, InterruptedException;
}
