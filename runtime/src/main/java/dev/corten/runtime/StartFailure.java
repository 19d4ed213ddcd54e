package dev.corten.runtime;

import dev.corten.kernel.Errno;
import java.util.Locale;
import java.util.Optional;

/// A container or an exec did not come to life. The message has Docker's words without its prefix
/// (`failed to create task for container: …`), which the engine puts in front.
public final class StartFailure extends Exception {
    private static final long serialVersionUID = 1L;

    /// What Docker says before runc's reason not to begin with a container.
    public static final String RUNC_PREFIX =
            "failed to create task for container: failed to create shim task: OCI runtime create"
                    + " failed: runc create failed: ";

    private static final String FOREIGN_PREFIX =
            "failed to create task for container: failed to create shim task: OCI runtime create"
                    + " failed: ";

    private static final String FOREIGN_EXEC_PREFIX = "OCI runtime exec failed: ";

    /// The same if it has begun.
    public static final String DOCKER_PREFIX =
            RUNC_PREFIX + "unable to start container process: error during container init: ";

    /// The same for an exec.
    public static final String DOCKER_EXEC_PREFIX =
            "OCI runtime exec failed: exec failed: unable to start container process: ";

    private final Kind kind;
    private final transient Optional<Errno> errno;
    private final boolean foreign;

    public StartFailure(Kind kind, String message, Optional<Errno> errno) {
        this(kind, message, errno, false);
    }

    private StartFailure(Kind kind, String message, Optional<Errno> errno, boolean foreign) {
        super(message, errno.orElse(null));
        this.kind = kind;
        this.errno = errno;
        this.foreign = foreign;
    }

    /// What another runtime has said. Docker reads its kind out of the words.
    static StartFailure foreign(String message) {
        Kind kind = Kind.OTHER;
        String lower = message.toLowerCase(Locale.ROOT);
        if (lower.contains("executable file not found")
                || lower.contains("not found in $path")
                || lower.contains("no such file or directory")) {
            kind = Kind.NOT_FOUND;
        } else if (lower.contains("permission denied") || lower.contains("is a directory")) {
            kind = Kind.NOT_EXECUTABLE;
        } else if (lower.contains("not a directory")) {
            kind = Kind.MOUNT_MISMATCH;
        }
        return new StartFailure(kind, message, Optional.empty(), true);
    }

    /// The same with the stack of whoever throws it.
    StartFailure again() {
        return new StartFailure(kind, message(), errno, foreign);
    }

    /// The message with all that Docker says before it.
    public String startMessage() {
        return (foreign ? FOREIGN_PREFIX : DOCKER_PREFIX) + message();
    }

    /// The same for an exec.
    public String execMessage() {
        return (foreign ? FOREIGN_EXEC_PREFIX : DOCKER_EXEC_PREFIX) + message();
    }

    /// Which exit code and status Docker gives.
    public enum Kind {
        /// The command does not exist: exit code 127, status 400.
        NOT_FOUND(127),
        /// The command cannot be executed: exit code 126, status 400.
        NOT_EXECUTABLE(126),
        /// A mount's file and directory do not fit: exit code 127, status 400.
        MOUNT_MISMATCH(127),
        /// Anything else: exit code 128, status 500.
        OTHER(128);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        public int exitCode() {
            return exitCode;
        }
    }

    public Kind kind() {
        return kind;
    }

    public Optional<Errno> errno() {
        return errno;
    }

    /// The message; unlike [Throwable#getMessage()] never null.
    public String message() {
        return String.valueOf(getMessage());
    }
}
