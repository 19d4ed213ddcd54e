package dev.corten.build.work;

import dev.corten.kernel.Fd;
import dev.corten.model.ContainerId;
import dev.corten.model.PathBytes;
import dev.corten.model.container.HostConfig;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A command of a step, with all that it sees. Descriptors stay the caller's.
///
/// @param id of the sandbox
/// @param root a detached mount that can be written to; it serves for one command
/// @param arguments the program first
/// @param environment `NAME=value` each, all of it but for what a runtime adds (`HOME`, and
///     `HOSTNAME` for one like a container)
/// @param user as `USER` has it, looked up in the root; `""` is root
/// @param directory the working directory; made if it is missing
/// @param hostname [#BUILDKIT_HOSTNAME], or another that was asked for; `""` for a sandbox that is
///     like a container in all respects, as the classic builder has it: see [#isLikeContainer()]
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
    /// What BuildKit calls its sandboxes.
    public static final String BUILDKIT_HOSTNAME = "buildkitsandbox";

    public StepCommand {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        mounts = List.copyOf(mounts);
    }

    /// Where something is mounted while it runs, beside the file systems of the kernel.
    public Set<PathBytes> mountPoints() {
        var points = new HashSet<PathBytes>();
        for (String name : List.of("hosts", "hostname", "resolv.conf")) {
            points.add(PathBytes.of("/etc/" + name));
        }
        mounts.forEach(mount -> points.add(PathBytes.of(mount.target())));
        return points;
    }

    /// Whether the host name is made of the ID, told by `HOSTNAME` and `/etc/hostname`, and a command
    /// that cannot be executed is an error in Docker's words. In the sandboxes of BuildKit nothing
    /// differs from one build to the next, the files below `/etc` are read-only, and such a command
    /// ends with 1 and says why on its standard error.
    public boolean isLikeContainer() {
        return hostname.isEmpty();
    }
}
