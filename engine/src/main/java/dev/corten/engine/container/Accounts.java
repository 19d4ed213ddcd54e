package dev.corten.engine.container;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.model.Conflict;
import dev.corten.model.Internal;
import dev.corten.runtime.Monitor;
import dev.corten.runtime.Users;
import java.io.IOException;
import java.util.List;

/// Looks users up in the files of containers that run.
final class Accounts {
    private final ContainerCalls calls;
    private final String bootId;

    Accounts(ContainerCalls calls, String bootId) {
        this.calls = calls;
        this.bootId = bootId;
    }

    /// @throws dev.corten.model.InvalidParameter if there is no such user or group
    Users.Resolved find(Container container, Monitor monitor, String user, List<String> groups)
            throws IOException {
        return calls.call(
                container,
                () -> ask(monitor, user, groups),
                () ->
                        new Internal(
                                "container "
                                        + container.id
                                        + " does not let its /etc/passwd and /etc/group be read"));
    }

    private Users.Resolved ask(Monitor monitor, String user, List<String> groups)
            throws IOException {
        Monitor.Started process = monitor.started().orElseThrow();
        int pid = process.pid();
        // A magic link that leads to the root of the container's mount namespace; from there on
        // everything is resolved inside it.
        try (Fd root =
                FileCalls.open(
                        "/proc/" + pid + "/root",
                        FileCalls.O_PATH | FileCalls.O_DIRECTORY | FileCalls.O_CLOEXEC)) {
            // The number may have become another process's before it was opened, not afterwards.
            if (!new ProcessIdentity(bootId, pid, process.startTime()).isAlive()) {
                throw new Conflict("container " + monitor.id() + " is not running");
            }
            return Users.resolve(root, user, groups);
        }
    }
}
