package dev.corten.engine.build.step;

import dev.corten.build.work.StepCommand;
import dev.corten.engine.container.SpecWriter;
import dev.corten.engine.container.spec.HostDevices;
import dev.corten.engine.container.spec.LimitSpec;
import dev.corten.model.PathBytes;
import dev.corten.model.container.HostConfig;
import dev.corten.model.oci.ConsoleSize;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Spec;
import dev.corten.runtime.SpecRequest;
import dev.corten.runtime.Specs;
import dev.corten.runtime.Users;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Puts a step in the words of the OCI runtime specification: as a container, with namespaces of its
/// own.
final class StepSpec {
    private static final String DEFAULT_PATH =
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Specs specs;
    private final boolean cgroupV2;

    StepSpec(Specs specs, boolean cgroupV2) {
        this.specs = specs;
        this.cgroupV2 = cgroupV2;
    }

    /// @param host of the command, with what the daemon's settings add
    /// @param group the path of the control group under each hierarchy
    Spec of(
            StepCommand command,
            HostConfig host,
            Users.Resolved user,
            String hostname,
            boolean ownNetwork,
            List<Mount> mounts,
            String group)
            throws IOException {
        SpecWriter.loadProfile(host);
        return specs.spec(
                new SpecRequest(
                        new SpecRequest.Command(
                                command.arguments(),
                                environment(command, user, hostname),
                                PathBytes.of(
                                        command.directory().isEmpty() ? "/" : command.directory()),
                                false,
                                ConsoleSize.UNSET),
                        SpecWriter.privileges(host, user),
                        fileSystem(host, mounts),
                        new SpecRequest.Sharing(
                                SpecRequest.Choice.OWN,
                                SpecRequest.Choice.OWN,
                                SpecRequest.Choice.OWN,
                                ownNetwork ? SpecRequest.Choice.JOIN : SpecRequest.Choice.HOST,
                                cgroupV2 ? SpecRequest.Choice.OWN : SpecRequest.Choice.HOST,
                                hostname,
                                ""),
                        LimitSpec.of(host, group)));
    }

    private static SpecRequest.FileSystem fileSystem(HostConfig host, List<Mount> mounts)
            throws IOException {
        Optional<List<PathBytes>> hidden =
                host.privileged() ? Optional.of(List.of()) : Optional.empty();
        return new SpecRequest.FileSystem(
                false, mounts, Map.of(), host.shmSize(), hidden, hidden, HostDevices.nodes(host));
    }

    /// With what a runtime adds. A later value of a variable takes the place of an earlier one.
    private static List<String> environment(
            StepCommand command, Users.Resolved user, String hostname) {
        var variables = new LinkedHashMap<String, String>();
        put(variables, DEFAULT_PATH);
        if (command.isLikeContainer()) {
            put(variables, "HOSTNAME=" + hostname);
        }
        command.environment().forEach(variable -> put(variables, variable));
        variables.putIfAbsent("HOME", "HOME=" + user.home());
        return List.copyOf(variables.values());
    }

    private static void put(Map<String, String> variables, String variable) {
        int equals = variable.indexOf('=');
        variables.put(equals < 0 ? variable : variable.substring(0, equals), variable);
    }
}
