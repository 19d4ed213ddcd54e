package dev.corten.runtime;

import java.time.Instant;

/// How a container's process ended.
///
/// @param status as waitpid(2) gives it
/// @param oomKilled whether the kernel killed something in the container's memory group
public record ExitStatus(int status, boolean oomKilled, Instant at) {
    /// The signal that ended it, or 0.
    public int signal() {
        return status & 0x7f;
    }

    /// Docker's exit code: 128 + n after signal n.
    public int exitCode() {
        int signal = signal();
        return signal != 0 ? 128 + signal : (status >> 8) & 0xff;
    }
}
