package dev.corten.engine.container;

import dev.corten.engine.container.mount.MountChecks;
import dev.corten.engine.container.mount.MountSources;
import dev.corten.engine.container.mount.TmpfsOptions;
import dev.corten.engine.container.rules.ContainerDefaults;
import dev.corten.engine.container.rules.CreateRules;
import dev.corten.engine.container.rules.NamespaceRules;
import dev.corten.engine.container.rules.SecurityOptions;
import dev.corten.engine.container.spec.HostDevices;
import dev.corten.engine.container.spec.Init;
import dev.corten.engine.container.spec.LimitSpec;
import dev.corten.engine.exec.ExecConfig;
import dev.corten.engine.sandbox.Sandbox;
import dev.corten.kernel.Fd;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.container.HostConfig;
import dev.corten.model.oci.ConsoleSize;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.Spec;
import dev.corten.runtime.AppArmor;
import dev.corten.runtime.Attach;
import dev.corten.runtime.ExecRequest;
import dev.corten.runtime.RuntimeProgram;
import dev.corten.runtime.SpecRequest;
import dev.corten.runtime.Specs;
import dev.corten.runtime.Users;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Puts a container's configuration in the words of the OCI runtime specification.
public final class SpecWriter {
    private static final String DEFAULT_PATH =
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private final Specs specs;
    private final ContainerGroups groups;
    private final boolean cgroupV2;
    private final Supplier<ContainerDefaults> defaults;
    private final Path init;

    /// @param defaults as the daemon's settings are now
    /// @param init the program that is the first process of containers with `--init`
    public SpecWriter(
            Specs specs,
            ContainerGroups groups,
            boolean cgroupV2,
            Supplier<ContainerDefaults> defaults,
            Path init) {
        this.specs = specs;
        this.init = init;
        this.defaults = defaults;
        this.groups = groups;
        this.cgroupV2 = cgroupV2;
    }

    /// @param root the container's root file system, in which names of users are looked up
    /// @param told variables about other containers
    Spec spec(
            Container container, Fd root, Sandbox sandbox, MountSources sources, List<String> told)
            throws IOException {
        return spec(
                container,
                account(container, root),
                sandbox.netns().isPresent(),
                sources.mounts(),
                tmpfs(container.host, root, sources),
                told);
    }

    /// As Docker has it, the image is to blame at a start, and the client at an exec.
    private static Users.Resolved account(Container container, Fd root) throws IOException {
        try {
            return Users.resolve(root, container.config.user(), orEmpty(container.host.groupAdd()));
        } catch (InvalidParameter e) {
            throw new Internal(e.message(), e);
        }
    }

    /// The program that makes the container, if it is another runtime.
    Optional<RuntimeProgram> runtime(Container container) {
        return CreateRules.runtime(container.host.runtime(), defaults.get());
    }

    /// Adds the init's program to the mounts of a container that has one.
    void addInit(Container container, MountSources sources) throws IOException {
        if (Boolean.TRUE.equals(defaults.get().atStart(container.host).init())) {
            Init.mount(init, sources);
        }
    }

    private Spec spec(
            Container container,
            Users.Resolved user,
            boolean ownNetwork,
            List<Mount> mounts,
            Map<PathBytes, String> tmpfs,
            List<String> told)
            throws IOException {
        HostConfig host = defaults.get().atStart(container.host);
        HostDevices.refuse(host.deviceRequests());
        loadProfile(host);
        var args = new ArrayList<String>();
        if (Boolean.TRUE.equals(host.init())) {
            args.addAll(List.of(Init.PATH, "--"));
        }
        args.add(container.path);
        args.addAll(container.args);
        var command =
                new SpecRequest.Command(
                        args,
                        environment(
                                container, container.config.tty(), told, List.of(), user.home()),
                        workingDirectory(container.config.workingDir()),
                        container.config.tty(),
                        size(host));
        return specs.spec(
                new SpecRequest(
                        command,
                        privileges(host, user),
                        fileSystem(host, mounts, tmpfs),
                        sharing(container, ownNetwork),
                        LimitSpec.of(host, groups.path(container))));
    }

    /// Docker looks for it at each start, too: tools of the host remove profiles.
    public static void loadProfile(HostConfig host) {
        try {
            if (apparmorProfile(host).equals(AppArmor.DEFAULT)) {
                AppArmor.HOST.loadDefault();
            }
        } catch (IOException e) {
            throw new Internal(String.valueOf(e.getMessage()), e);
        }
    }

    /// The process of an exec.
    ///
    /// @param user as whom
    /// @param told variables about other containers
    ExecRequest exec(
            Container container,
            ExecConfig config,
            Users.Resolved user,
            List<String> told,
            boolean openStdin,
            Optional<Attach> client)
            throws IOException {
        // Of the specification only the process counts, which is in the mounts already.
        Spec spec = spec(container, user, true, List.of(), Map.of(), told);
        boolean privileged = config.privileged() || container.host.privileged();
        String directory =
                config.workingDir().isEmpty() ? container.config.workingDir() : config.workingDir();
        ProcessSpec process =
                specs.execProcess(
                        spec,
                        config.cmd(),
                        environment(container, config.tty(), told, config.env(), user.home()),
                        workingDirectory(directory),
                        user.user(),
                        config.tty(),
                        ConsoleSize.UNSET,
                        privileged);
        // The filter stays the container's, also for an exec that has all capabilities.
        return new ExecRequest(process, spec.linux().seccomp(), openStdin, client);
    }

    private static ConsoleSize size(HostConfig host) {
        List<Integer> size = host.consoleSize();
        return size.size() == 2
                ? new ConsoleSize(size.getFirst(), size.getLast())
                : ConsoleSize.UNSET;
    }

    /// PATH, HOSTNAME, TERM, what it is [told] of others, then the container's, then [more]; a later value of a variable takes
    /// the place of an earlier one; a name without value takes it out. HOME comes last if it is
    /// missing.
    static List<String> environment(
            Container container, boolean tty, List<String> told, List<String> more, String home) {
        var variables = new LinkedHashMap<String, String>();
        put(variables, DEFAULT_PATH);
        put(variables, "HOSTNAME=" + container.config.hostname());
        if (tty) {
            put(variables, "TERM=xterm");
        }
        told.forEach(variable -> put(variables, variable));
        orEmpty(container.config.env()).forEach(variable -> put(variables, variable));
        more.forEach(variable -> put(variables, variable));
        variables.putIfAbsent("HOME", "HOME=" + home);
        return List.copyOf(variables.values());
    }

    private static void put(Map<String, String> variables, String variable) {
        int equals = variable.indexOf('=');
        if (equals < 0) {
            variables.remove(variable);
        } else {
            variables.put(variable.substring(0, equals), variable);
        }
    }

    static PathBytes workingDirectory(String path) {
        return PathBytes.of(path.isEmpty() ? "/" : path);
    }

    static String apparmorProfile(HostConfig host) {
        return AppArmor.HOST.profile(
                SecurityOptions.parse(orEmpty(host.securityOpt())).apparmorProfile(),
                host.privileged());
    }

    /// What a process may do.
    ///
    /// @param user as whom
    public static SpecRequest.Privileges privileges(HostConfig host, Users.Resolved user) {
        var security = SecurityOptions.parse(orEmpty(host.securityOpt()));
        return new SpecRequest.Privileges(
                user.user(),
                orEmpty(host.capAdd()),
                orEmpty(host.capDrop()),
                host.privileged(),
                security.noNewPrivileges(),
                security.seccomp(),
                security.writableCgroups(),
                apparmorProfile(host));
    }

    /// A directory that is covered by a file system in memory lends it its mode, unless the options
    /// have one.
    private static Map<PathBytes, String> tmpfs(HostConfig host, Fd root, MountSources sources) {
        var all = new LinkedHashMap<PathBytes, String>(sources.tmpfs());
        if (host.tmpfs() != null) {
            host.tmpfs()
                    .forEach((path, options) -> {
                        TmpfsOptions.check(options);
                        all.put(PathBytes.of(MountChecks.clean(path)), options);
                    });
        }
        all.replaceAll((path, options) -> TmpfsOptions.withModeOf(root, path, options));
        return all;
    }

    private static SpecRequest.FileSystem fileSystem(
            HostConfig host, List<Mount> mounts, Map<PathBytes, String> tmpfs) throws IOException {
        return new SpecRequest.FileSystem(
                host.readonlyRootfs(),
                mounts,
                tmpfs,
                host.ipcMode().equals("none") ? SpecRequest.NO_SHM : host.shmSize(),
                paths(host.privileged(), host.maskedPaths()),
                paths(host.privileged(), host.readonlyPaths()),
                HostDevices.nodes(host));
    }

    private static Optional<List<PathBytes>> paths(
            boolean privileged, @Nullable List<String> asked) {
        if (privileged) {
            return Optional.of(List.of());
        }
        return Optional.ofNullable(asked).map(paths -> paths.stream().map(PathBytes::of).toList());
    }

    private SpecRequest.Sharing sharing(Container container, boolean ownNetwork) {
        HostConfig host = container.host;
        boolean privateCgroup =
                host.cgroupnsMode().equals("private")
                        || (host.cgroupnsMode().isEmpty() && cgroupV2);
        boolean ownUts = host.utsMode().isEmpty() && !host.networkMode().equals("host");
        return new SpecRequest.Sharing(
                choice(host.pidMode()),
                choice(host.ipcMode()),
                choice(host.utsMode()),
                ownNetwork ? SpecRequest.Choice.JOIN : SpecRequest.Choice.HOST,
                privateCgroup ? SpecRequest.Choice.OWN : SpecRequest.Choice.HOST,
                ownUts || host.utsMode().isEmpty() ? container.config.hostname() : "",
                container.config.domainname());
    }

    private static SpecRequest.Choice choice(String mode) {
        if (NamespaceRules.owner(mode).isPresent()) {
            return SpecRequest.Choice.JOIN;
        }
        return mode.equals("host") ? SpecRequest.Choice.HOST : SpecRequest.Choice.OWN;
    }

    private static List<String> orEmpty(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }
}
