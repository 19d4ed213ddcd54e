package dev.corten.kernel.cgroup;

import dev.corten.kernel.Errno;
import java.io.IOException;

/// The kernel does not take a limit. The message has the words that users of Docker know from runc.
public final class LimitRefused extends IOException {
    private static final long serialVersionUID = 1L;

    LimitRefused(String file, String value, Errno cause) {
        super(
                "failed to write \"" + value + "\": write " + file + ": " + cause.description(),
                cause);
    }

    LimitRefused(String message) {
        super(message);
    }
}
