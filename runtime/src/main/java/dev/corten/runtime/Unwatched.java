package dev.corten.runtime;

import dev.corten.kernel.Fd;
import java.util.List;
import java.util.Optional;

/// What is different about a process without a monitor: it keeps the streams of whoever makes it,
/// and outlives it.
///
/// @param gate a fifo from which the process reads one byte before it executes its program
/// @param extra descriptors that the program gets as 3, 4, …
/// @param keyring whether it gets a session keyring of its own
/// @param streamsToGive which of 0, 1 and 2 shall belong to the process's user
record Unwatched(Optional<Fd> gate, List<Fd> extra, boolean keyring, List<Integer> streamsToGive) {
    /// The namespaces are there, the root is not changed yet.
    static final int SYNC_ENVIRONMENT = 3;

    /// All that is left is to wait at the gate, and the program.
    static final int SYNC_CREATED = 4;

    Unwatched {
        extra = List.copyOf(extra);
        streamsToGive = List.copyOf(streamsToGive);
    }
}
