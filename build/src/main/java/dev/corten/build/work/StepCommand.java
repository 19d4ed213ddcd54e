package dev.corten.build.work;

import dev.corten.kernel.Fd;
import dev.corten.model.ContainerId;
import dev.corten.model.container.HostConfig;
import java.util.List;

/// A command of a step, with all that it sees. Descriptors stay the caller's.
///
/// @param id of the sandbox
/// @param root a detached mount that can be written to
/// @param arguments the program first
/// @param environment `NAME=value` each, all of it but for what a runtime adds (`HOSTNAME`)
/// @param user as `USER` has it, looked up in the root; `""` is root
/// @param directory the working directory; made if it is missing
/// @param hostname `""` for one made of the ID
/// @param host the network mode, extra hosts, DNS, limits, control group, shared memory; privileged
///     for `--security=insecure`. Not looked at: binds, mounts, ports, restart policy, log
/// @param mounts beside the usual ones, in the order in which they are made
public record StepCommand(
        ContainerId id,
        Fd root,
        List<String> arguments,
        List<String> environment,
        String user,
        String directory,
        String hostname,
        HostConfig host,
        List<StepMount> mounts) {
    public StepCommand {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        mounts = List.copyOf(mounts);
    }
}
