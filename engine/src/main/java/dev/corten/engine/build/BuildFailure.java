package dev.corten.engine.build;

import dev.corten.build.graph.PlannedStep;
import dev.corten.model.ContainerId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A build that came to nothing.
public final class BuildFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Where where;

    /// @param step that failed
    /// @param firstLine in the Dockerfile, from 1; 0 if it is not known
    /// @param exitCode of the command that failed; 0 if none did
    /// @param container that was left of it, if that was asked for
    public record Where(
            Optional<PlannedStep> step,
            int firstLine,
            int lastLine,
            int exitCode,
            Optional<ContainerId> container) {
        public static final Where NOWHERE = new Where(Optional.empty(), 0, 0, 0, Optional.empty());
    }

    public BuildFailure(String message, Where where, @Nullable Throwable cause) {
        super(message, cause);
        this.where = where;
    }

    public Where where() {
        return where;
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
