package dev.corten.runtime;

import dev.corten.model.ContainerId;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/// Makes containers' monitors and finds those that an earlier daemon left.
///
/// A small seam: the engine's tests have one of their own.
public interface Monitors extends AutoCloseable {
    /// Forks a monitor, which at once makes the container's process and prepares it up to the
    /// point before its command. Clients can be attached now; [Monitor#start] lets it run.
    ///
    /// The container's control group is made anew; who removes the container removes the group.
    ///
    /// @throws StartFailure if the zygote or the plan could not do it; failures of single steps
    ///     come from [Monitor#start]
    Monitor launch(Launch launch) throws IOException, StartFailure;

    /// Those of the containers that may have a monitor, which another daemon launched. The others
    /// have none.
    Set<ContainerId> candidates(Set<ContainerId> containers) throws IOException;

    /// The monitor of a container that another daemon launched. Absent if the container has ended,
    /// which [ExitFile] tells, or the monitor was lost, when there is no such file.
    ///
    /// A monitor that lives and does not answer is waited for: it may be stopped, or get no time to
    /// run.
    ///
    /// @throws IOException if it could not be found out
    Optional<Monitor> reconnect(ContainerId id) throws IOException;

    /// Removes what would lead to the monitors of all other containers: an earlier daemon ended
    /// before it could.
    void forgetOthers(Set<ContainerId> running) throws IOException;

    /// Does what makes the next launch quick, such as taking the lock of cgroup v1 whose first
    /// taker waits 12 ms; takes as long as that. To be called on a thread of its own when a start
    /// is near; never needed.
    void warm() throws IOException;

    /// Lets go of all monitors. They and their containers live on.
    @Override
    void close();
}
