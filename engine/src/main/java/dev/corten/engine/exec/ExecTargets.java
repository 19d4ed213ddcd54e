package dev.corten.engine.exec;

/// Finds the container of an exec: what execs need of the containers.
@FunctionalInterface
public interface ExecTargets {
    /// @throws dev.corten.model.NotFound if there is none
    /// @throws dev.corten.model.Conflict if it does not run
    ExecTarget target(String reference);
}
