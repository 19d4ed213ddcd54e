package dev.corten.runtime;

import dev.corten.model.PathBytes;
import dev.corten.model.oci.ConsoleSize;
import dev.corten.model.oci.Device;
import dev.corten.model.oci.DeviceRule;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Resources;
import dev.corten.model.oci.Rlimit;
import dev.corten.model.oci.User;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What the engine knows of a container, in Docker's terms; the OCI spec follows from it.
public record SpecRequest(
        Command command,
        Privileges privileges,
        FileSystem fileSystem,
        Sharing sharing,
        Limits limits) {
    /// The size of `/dev/shm` where there is none.
    public static final long NO_SHM = -1;

    /// @param args the command, not empty
    /// @param env complete and in order, see behaviours of Docker: PATH, HOSTNAME, TERM, …, HOME
    /// @param tty whether there is a pseudo-terminal
    public record Command(
            List<String> args, List<String> env, PathBytes cwd, boolean tty, ConsoleSize size) {
        public Command {
            args = List.copyOf(args);
            env = List.copyOf(env);
        }
    }

    /// @param user resolved to numbers
    /// @param capAdd names with or without `CAP_`, or `ALL`
    /// @param writableCgroups whether the container's control groups can be written; empty: if it is
    ///     privileged
    /// @param apparmorProfile `""` for none
    public record Privileges(
            User user,
            List<String> capAdd,
            List<String> capDrop,
            boolean privileged,
            boolean noNewPrivileges,
            SeccompChoice seccomp,
            Optional<Boolean> writableCgroups,
            String apparmorProfile) {
        /// Without a profile of AppArmor.
        public Privileges(
                User user,
                List<String> capAdd,
                List<String> capDrop,
                boolean privileged,
                boolean noNewPrivileges,
                SeccompChoice seccomp,
                Optional<Boolean> writableCgroups) {
            this(user, capAdd, capDrop, privileged, noNewPrivileges, seccomp, writableCgroups, "");
        }

        public Privileges {
            capAdd = List.copyOf(capAdd);
            capDrop = List.copyOf(capDrop);
        }

        /// Root with Docker's default capabilities and filter.
        public static Privileges defaults() {
            return new Privileges(
                    User.ROOT,
                    List.of(),
                    List.of(),
                    false,
                    false,
                    new SeccompChoice.Standard(),
                    Optional.empty());
        }
    }

    /// `--security-opt seccomp=…`.
    public sealed interface SeccompChoice {
        /// The built-in profile; none for a privileged container.
        record Standard() implements SeccompChoice {}

        /// No filter.
        record Unconfined() implements SeccompChoice {}

        /// A profile in moby's format.
        record Custom(String json) implements SeccompChoice {}
    }

    /// @param mounts after the default ones, in this order; the source of a bind is a descriptor
    ///     in [Launch#sources] by destination, else the path
    /// @param tmpfs destinations with mount options, comma-separated as in `--tmpfs`
    /// @param shmBytes size of `/dev/shm`, 0 for 64 MiB, [#NO_SHM] for none
    /// @param maskedPaths absent: the defaults
    /// @param readonlyPaths absent: the defaults
    /// @param devices nodes beside the default ones
    public record FileSystem(
            boolean readonly,
            List<Mount> mounts,
            Map<PathBytes, String> tmpfs,
            long shmBytes,
            Optional<List<PathBytes>> maskedPaths,
            Optional<List<PathBytes>> readonlyPaths,
            List<Device> devices) {
        public FileSystem {
            mounts = List.copyOf(mounts);
            tmpfs = Collections.unmodifiableMap(new LinkedHashMap<>(tmpfs));
            devices = List.copyOf(devices);
        }

        public static FileSystem defaults() {
            return new FileSystem(
                    false, List.of(), Map.of(), 0, Optional.empty(), Optional.empty(), List.of());
        }
    }

    /// Which namespaces are the container's own.
    ///
    /// @param hostname set with an own UTS namespace only
    public record Sharing(
            Choice pid,
            Choice ipc,
            Choice uts,
            Choice network,
            Choice cgroup,
            String hostname,
            String domainname) {
        /// Everything of its own but the network, which is joined.
        public static Sharing defaults(String hostname) {
            return new Sharing(
                    Choice.OWN, Choice.OWN, Choice.OWN, Choice.JOIN, Choice.HOST, hostname, "");
        }
    }

    /// Where a namespace comes from.
    public enum Choice {
        /// A new one.
        OWN,
        /// The host's.
        HOST,
        /// The one whose descriptor is in [Launch#namespaces].
        JOIN
    }

    /// @param extraDeviceRules after Docker's default rules
    /// @param cgroupsPath relative to each hierarchy: `/docker/<id>`
    /// @param rdtClass class of service of the processor's caches
    public record Limits(
            Resources resources,
            List<DeviceRule> extraDeviceRules,
            List<Rlimit> rlimits,
            Map<String, String> sysctls,
            OptionalInt oomScoreAdj,
            String cgroupsPath,
            Optional<String> rdtClass) {
        public Limits {
            extraDeviceRules = List.copyOf(extraDeviceRules);
            rlimits = List.copyOf(rlimits);
            sysctls = Collections.unmodifiableMap(new LinkedHashMap<>(sysctls));
        }

        public static Limits defaults(String cgroupsPath) {
            return new Limits(
                    Resources.NONE,
                    List.of(),
                    List.of(),
                    Map.of(),
                    OptionalInt.empty(),
                    cgroupsPath,
                    Optional.empty());
        }
    }
}
