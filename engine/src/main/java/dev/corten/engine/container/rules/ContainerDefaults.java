package dev.corten.engine.container.rules;

import dev.corten.model.container.HostConfig;
import dev.corten.model.container.LogConfig;
import dev.corten.model.container.Ulimit;
import dev.corten.runtime.RuntimeProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What containers get that say nothing themselves. The first five are written into a container when
/// it is made, the others count at each of its starts.
///
/// @param log the driver, and options of it that a container may add to
/// @param shmBytes the size of `/dev/shm`
/// @param ipcMode `private` or `shareable`
/// @param cgroupnsMode `private` or `host`; empty for what fits the version of control groups
/// @param runtime the name that `inspect` shows
/// @param otherRuntimes other programs that make containers, by name
/// @param ulimits by name
/// @param init whether there is an init before the program
/// @param noNewPrivileges whether programs cannot gain any by executing others
/// @param seccomp `unconfined`, the text of a profile, or empty for the built-in one
public record ContainerDefaults(
        LogConfig log,
        long shmBytes,
        String ipcMode,
        String cgroupnsMode,
        String runtime,
        Map<String, RuntimeProgram> otherRuntimes,
        Map<String, Ulimit> ulimits,
        boolean init,
        boolean noNewPrivileges,
        String seccomp) {
    private static final long SHM_BYTES = 64L << 20;

    /// What there is without any setting.
    public static final ContainerDefaults STANDARD =
            new ContainerDefaults(
                    new LogConfig("json-file", Map.of()),
                    SHM_BYTES,
                    "private",
                    "",
                    "runc",
                    Map.of(),
                    Map.of(),
                    false,
                    false,
                    "");

    public ContainerDefaults {
        otherRuntimes = Map.copyOf(otherRuntimes);
        ulimits = Map.copyOf(ulimits);
    }

    /// Refuses what no container could have: for the daemon's start.
    ///
    /// @throws dev.corten.model.CortenException in the words of a wrong request
    public void check() {
        LogRules.check(log);
    }

    /// The log of a container: its own driver with its options, those of the same driver here where
    /// it has none.
    LogConfig log(LogConfig requested) {
        String type = requested.type().isEmpty() ? log.type() : requested.type();
        if (!type.equals(log.type())) {
            return new LogConfig(type, requested.config());
        }
        var options = new TreeMap<>(log.config());
        options.putAll(requested.config());
        return new LogConfig(type, options);
    }

    /// The configuration with which a container starts.
    public HostConfig atStart(HostConfig host) {
        var edited = host.edit();
        edited.ulimits = ulimits(host.ulimits());
        if (host.init() == null && !host.pidMode().equals("host")) {
            edited.init = init;
        }
        var security = new ArrayList<String>();
        if (noNewPrivileges) {
            security.add("no-new-privileges");
        }
        // A privileged container has no filter but one that it brings itself.
        if (!seccomp.isEmpty() && !host.privileged()) {
            security.add("seccomp=" + seccomp);
        }
        // Later ones count: those that the container brings itself.
        Optional.ofNullable(host.securityOpt()).ifPresent(security::addAll);
        edited.securityOpt = security.isEmpty() ? host.securityOpt() : security;
        return edited.done();
    }

    private @Nullable List<Ulimit> ulimits(@Nullable List<Ulimit> own) {
        if (ulimits.isEmpty()) {
            return own;
        }
        var all = new TreeMap<>(ulimits);
        if (own != null) {
            own.forEach(limit -> all.put(limit.name(), limit));
        }
        return List.copyOf(all.values());
    }
}
