package dev.corten.daemon;

import dev.corten.api.ApiMetrics;
import dev.corten.api.EngineApi;
import dev.corten.api.MetricsPage;
import dev.corten.api.Services;
import dev.corten.api.wire.ApiVersion;
import dev.corten.daemon.settings.BadSettings;
import dev.corten.daemon.settings.Options;
import dev.corten.daemon.settings.Settings;
import dev.corten.engine.artifact.ArtifactTransfers;
import dev.corten.engine.artifact.LocalArtifacts;
import dev.corten.engine.build.Entitlements;
import dev.corten.engine.build.context.BuildContexts;
import dev.corten.engine.build.step.Steps;
import dev.corten.engine.container.Committing;
import dev.corten.engine.container.ContainerCalls;
import dev.corten.engine.container.ContainerDirectory;
import dev.corten.engine.container.ContainerGroups;
import dev.corten.engine.container.Containers;
import dev.corten.engine.container.Debugging;
import dev.corten.engine.container.Differences;
import dev.corten.engine.container.Exporting;
import dev.corten.engine.container.HostMounts;
import dev.corten.engine.container.Launcher;
import dev.corten.engine.container.Mounting;
import dev.corten.engine.container.Processes;
import dev.corten.engine.container.Pruning;
import dev.corten.engine.container.SpecWriter;
import dev.corten.engine.container.Statistics;
import dev.corten.engine.container.mount.ContainerMounts;
import dev.corten.engine.container.mount.MountOpening;
import dev.corten.engine.container.mount.MountServices;
import dev.corten.engine.container.rules.CreateRules;
import dev.corten.engine.event.Events;
import dev.corten.engine.exec.ExecTable;
import dev.corten.engine.exec.Execs;
import dev.corten.engine.exec.Toolboxes;
import dev.corten.engine.image.Conversions;
import dev.corten.engine.image.Histories;
import dev.corten.engine.image.ImageLayers;
import dev.corten.engine.image.ImageMounts;
import dev.corten.engine.image.Images;
import dev.corten.engine.image.Platforms;
import dev.corten.engine.image.Saving;
import dev.corten.engine.image.StoreChecks;
import dev.corten.engine.image.WebSources;
import dev.corten.engine.log.LogWatches;
import dev.corten.engine.migration.Migration;
import dev.corten.engine.network.NetworkList;
import dev.corten.engine.pull.Pulls;
import dev.corten.engine.pull.RegistrySource;
import dev.corten.engine.push.Pushes;
import dev.corten.engine.registry.Registries;
import dev.corten.engine.remote.RemoteImages;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.engine.system.SystemInfo;
import dev.corten.engine.volume.VolumeDirectory;
import dev.corten.engine.volume.Volumes;
import dev.corten.http.HttpServer;
import dev.corten.kernel.BlockingCalls;
import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.PathBytes;
import dev.corten.model.Release;
import dev.corten.network.Instance;
import dev.corten.network.Networks;
import dev.corten.registry.client.RegistryClient;
import dev.corten.runtime.AppArmor;
import dev.corten.runtime.Monitors;
import dev.corten.runtime.ShimMonitors;
import dev.corten.runtime.Specs;
import dev.corten.store.StorageDriver;
import dev.corten.store.Store;
import dev.corten.store.image.OutgoingImages;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// The parts of the daemon and how they fit together: the only place that makes them.
final class Assembly implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Assembly.class.getName());
    private static final Duration GROUP_PATIENCE = Duration.ofSeconds(2);
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(5);
    private static final int BLOCKING_CALLS = 64;

    private final LiveSettings live;
    private final Listeners listeners;
    private final MetricsServer metrics;
    private final Fd lock;
    private final Store store;
    private final Networks networks;
    private final Monitors monitors;
    private final LogWatches watches;
    private final Steps steps;
    private final BuildParts builder;
    private final Containers containers;
    private final Opening opening;
    private final HttpServer server;
    private final Activity activity;
    private final CgroupTree cgroups;
    private final Events events;
    private final SystemInfo info;
    private final List<String> groups;

    private Assembly(
            LiveSettings live,
            Listeners listeners,
            MetricsServer metrics,
            Fd lock,
            Store store,
            Networks networks,
            Monitors monitors,
            LogWatches watches,
            Steps steps,
            BuildParts builder,
            Containers containers,
            Opening opening,
            HttpServer server,
            Activity activity,
            CgroupTree cgroups,
            Events events,
            SystemInfo info,
            List<String> groups) {
        this.live = live;
        this.listeners = listeners;
        this.metrics = metrics;
        this.lock = lock;
        this.store = store;
        this.networks = networks;
        this.monitors = monitors;
        this.watches = watches;
        this.steps = steps;
        this.builder = builder;
        this.containers = containers;
        this.opening = opening;
        this.server = server;
        this.activity = activity;
        this.cgroups = cgroups;
        this.events = events;
        this.info = info;
        this.groups = groups;
    }

    /// Opens the state of the data root.
    ///
    /// @param lib the directory with the shim and the hello-world program
    static Assembly open(Settings settings, Path lib, ActivatedSockets activated)
            throws IOException {
        var listeners = Listeners.of(settings, activated, System.getenv());
        Path data = Path.of(settings.get(Options.DATA_ROOT)).toAbsolutePath();
        Path exec = Path.of(settings.get(Options.EXEC_ROOT)).toAbsolutePath();
        Fd lock = SoleUse.ofExecRoot(exec);
        var clock = Clock.systemUTC();
        var durable = Doom.durable(System.getenv());
        var events = new Events(clock);
        var instance = Instance.of(data);
        String parent = parentGroup(settings) + "/" + instance.table();
        var cgroups = CgroupTree.detect();
        if (cgroups.vacateRoot()) {
            LOG.log(Level.INFO, "in a container: its processes moved to the control group /init");
        }
        var support = CgroupFacts.of(cgroups, parent);
        var live = new LiveSettings(settings, support.version().equals("2"), listeners.warnings());
        var driver = StorageDriver.find(settings.get(Options.STORAGE_DRIVER));
        Store store;
        try {
            store = Store.open(data, driver, durable, clock);
        } catch (NotImplemented | InvalidParameter e) {
            // A data root that cannot be used is nobody's, and so is the group that was tried.
            cgroups.open(parent).remove(Duration.ZERO);
            throw e;
        }
        store.images().layerBound(() -> live.pullLimits().layerBytes());
        var networks = Networks.open(NetworkSettings.of(settings, data, exec));
        // Beside the containers' group and outside of the daemon's own, which its service may end.
        String monitorGroup = "/" + instance.table() + "-monitors";
        var monitors =
                ShimMonitors.open(
                        lib.resolve("corten-shim"), exec, cgroups, monitorGroup, Assembly::fail);
        var watches = new LogWatches();
        var sandboxes = new Sandboxes(networks, events);
        var directory = new ContainerDirectory(data.resolve("containers"), durable);
        var groups = new ContainerGroups(cgroups, parent);
        var defaults = Specs.ofHost();
        var specs =
                new SpecWriter(
                        defaults,
                        groups,
                        support.version().equals("2"),
                        live::containerDefaults,
                        lib.resolve("docker-init"));
        var images = new Images(store.images(), store.snapshots(), events);
        var registries = new RegistryClient(live::registries, () -> live.pullLimits().attempts());
        var pulls =
                new Pulls(
                        store.images(),
                        RegistrySource.of(registries),
                        live::pullLimits,
                        events,
                        lib.resolve("hello-world"));
        var pushes =
                new Pushes(
                        store.images(),
                        new OutgoingImages(
                                store.images(),
                                store.content(),
                                store.layers(),
                                store.layerArchive()),
                        registries,
                        live::uploads,
                        events);
        var random = new SecureRandom();
        // Calls on paths of users, which may lie on servers that are dead.
        var calls = new BlockingCalls(BLOCKING_CALLS, BLOCKING_CALLS);
        var volumes =
                new Volumes(
                        new VolumeDirectory(data.resolve("volumes"), durable, random),
                        events,
                        clock,
                        random,
                        calls);
        volumes.open();
        var mounts = new ContainerMounts(volumes, store.snapshots());
        var looks = new ContainerCalls();
        var hostMounts = new HostMounts(data.resolve("mounts"), durable, store.snapshots());
        var launcher =
                new Launcher(
                        hostMounts,
                        sandboxes,
                        monitors,
                        directory,
                        specs,
                        new MountOpening(volumes, store.snapshots(), images, calls, data),
                        mounts,
                        groups,
                        looks,
                        exec,
                        ProcessIdentity.currentBootId());
        var execTable = new ExecTable();
        var rules =
                new CreateRules(
                        Runtime.getRuntime().availableProcessors(),
                        support,
                        defaults.maskedPaths().stream().map(PathBytes::toString).toList(),
                        defaults.readonlyPaths().stream().map(PathBytes::toString).toList(),
                        live::containerDefaults,
                        networks.givenSubnet());
        var containers =
                new Containers(
                        directory,
                        images,
                        store.snapshots(),
                        sandboxes,
                        launcher,
                        groups,
                        execTable,
                        events,
                        watches,
                        clock,
                        rules,
                        new MountServices(volumes, mounts, calls, data),
                        random);
        images.usedBy(containers);
        loadProfile();
        var steps =
                new Steps(
                        networks,
                        containers::lendNetwork,
                        monitors,
                        defaults,
                        groups,
                        support.version().equals("2"),
                        live::containerDefaults,
                        exec);
        var opening = new Opening(steps, containers, Assembly::fail);
        var web = new WebSources(() -> live.registries().proxies());
        var contexts =
                new BuildContexts(
                        data,
                        durable,
                        () -> live.pullLimits().layerBytes(),
                        web,
                        steps.agents(),
                        clock);
        var builder =
                BuildParts.of(
                        store,
                        images,
                        pulls,
                        pushes,
                        registries,
                        steps,
                        containers,
                        contexts,
                        events,
                        BuildPolicy.of(settings.get(Options.BUILDER), data),
                        new Entitlements(
                                settings.get(Options.BUILDER).networkHost(),
                                settings.get(Options.BUILDER).insecure()),
                        exec,
                        clock);
        var toolboxes = new Toolboxes(data.resolve("toolbox"), durable, images, store.snapshots());
        toolboxes.open();
        var execs = new Execs(execTable, containers, toolboxes, events, clock);
        var info =
                new SystemInfo(
                        data,
                        SystemInfo.engineId(data, durable),
                        containers::counts,
                        images,
                        events,
                        store.snapshots().driver(),
                        support,
                        live::configuration,
                        clock);
        var list = new NetworkList(networks, containers, clock.instant());
        var statistics = new Statistics(containers, groups, clock);
        var metrics = new ApiMetrics();
        var mounting = new Mounting(containers, hostMounts);
        var api =
                new EngineApi(
                        new Services(
                                Release.CURRENT,
                                clock,
                                containers,
                                new Processes(containers, groups, looks, clock),
                                new Differences(containers, store.snapshots()),
                                mounting,
                                statistics,
                                new Pruning(containers, store.snapshots(), events),
                                execs,
                                new Debugging(containers, execs, toolboxes),
                                images,
                                new Platforms(store.images(), store.content(), containers),
                                pulls,
                                pushes,
                                new Registries(registries),
                                new RemoteImages(registries),
                                new Histories(store),
                                new ImageLayers(store),
                                new ImageMounts(
                                        data.resolve("image-mounts"),
                                        durable,
                                        images,
                                        store.snapshots()),
                                new Saving(store, events),
                                new Conversions(store, events),
                                new LocalArtifacts(store, events, clock),
                                new ArtifactTransfers(store, registries, events),
                                new Committing(
                                        containers, store.images(), store.snapshots(), events),
                                new Exporting(containers, mounting, store.snapshots()),
                                web,
                                new StoreChecks(store, registries, containers),
                                builder.builds(),
                                contexts,
                                builder.classic(),
                                builder.leftovers(),
                                volumes,
                                new Migration(images, volumes, containers),
                                list,
                                events,
                                info,
                                () -> ThreadDump.bytes(exec)),
                        ApiVersion.parse(settings.get(Options.MIN_API_VERSION)),
                        metrics);
        var page = new MetricsPage(info, containers, statistics, events, metrics);
        var activity = new Activity(clock);
        var server = new HttpServer(activity.counting(opening.gating(api)));
        var metricsServer = new MetricsServer(settings.get(Options.METRICS_ADDRESS), page);
        return new Assembly(
                live,
                listeners,
                metricsServer,
                lock,
                store,
                networks,
                monitors,
                watches,
                steps,
                builder,
                containers,
                opening,
                server,
                activity,
                cgroups,
                events,
                info,
                List.of(parent, monitorGroup));
    }

    /// What `cgroup-parent` names: our own group is below it, so that nothing of others is ever ours
    /// to remove.
    private static String parentGroup(Settings settings) {
        String named = Path.of("/" + settings.get(Options.CGROUP_PARENT)).normalize().toString();
        return named.equals("/") ? "" : named;
    }

    /// Each start looks for it again and fails without it.
    private static void loadProfile() {
        try {
            AppArmor.HOST.loadDefault();
        } catch (IOException e) {
            LOG.log(Level.ERROR, e.getMessage(), e);
        }
    }

    /// Ends without a word to anybody: whoever takes care of this service starts it again, and that
    /// daemon finds everything as after any crash.
    private static void fail(Throwable cause) {
        LOG.log(Level.ERROR, "the daemon cannot go on", cause);
        Runtime.getRuntime().halt(1);
    }

    /// Listens on all addresses, takes over what runs, and says so by the pid file.
    void listen() throws IOException {
        metrics.open();
        listeners.open(server);
        opening.begin();
        Files.writeString(pidFile(), Long.toString(ProcessHandle.current().pid()));
    }

    private Path pidFile() {
        return Path.of(live.now().get(Options.PIDFILE)).toAbsolutePath();
    }

    /// Has the action run when the daemon shall end by itself: never, without `--idle-exit`.
    void whenIdle(Runnable action) {
        OptionalLong seconds = live.now().get(Options.IDLE_EXIT);
        if (seconds.isEmpty()) {
            return;
        }
        Thread.ofVirtual()
                .name("idle")
                .start(() -> {
                    try {
                        activity.awaitQuiet(Duration.ofSeconds(seconds.getAsLong()), this::idle);
                        action.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }

    /// Takes over what the configuration file says now, and tells.
    void reload(Map<String, String> environment) throws BadSettings {
        Map<String, String> attributes = new TreeMap<>(live.reload(environment));
        attributes.put("name", SystemInfo.hostName());
        LOG.log(Level.INFO, () -> "Reloaded configuration: " + attributes);
        events.publish("daemon", "reload", info.id(), attributes);
    }

    private boolean idle() {
        return opening.hasBegun()
                ? opening.isDone() && containers.isQuiet()
                : !hasContainers(live.now());
    }

    /// Whether an earlier daemon has left any, as far as names tell.
    private static boolean hasContainers(Settings settings) {
        Path data = Path.of(settings.get(Options.DATA_ROOT)).toAbsolutePath();
        String[] names = data.resolve("containers").toFile().list();
        return names != null && names.length > 0;
    }

    private void endContainers() {
        try {
            containers.endAll(live.now().get(Options.SHUTDOWN_TIMEOUT));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(BuildParts builder) {
        try {
            builder.cache().close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "what was used of the build cache is not written down", e);
        }
    }

    /// Without containers nothing of ours need stay on the host: no bridge, no table, no groups.
    private void leaveNothing() {
        try {
            networks.destroy();
            for (String group : groups) {
                if (!cgroups.open(group).remove(GROUP_PATIENCE)) {
                    LOG.log(Level.WARNING, () -> "control group " + group + " is in use");
                }
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "something of this engine is left on the host", e);
        }
    }

    /// Stops serving. Containers go on, unless the settings want them to end; what they need of this process is in their monitors.
    @Override
    public void close() {
        if (!live.now().get(Options.LIVE_RESTORE)) {
            endContainers();
        }
        steps.close();
        close(builder);
        server.close(SHUTDOWN_GRACE);
        metrics.close();
        containers.close();
        opening.await(SHUTDOWN_GRACE);
        monitors.close();
        if (idle()) {
            leaveNothing();
        } else {
            networks.close();
        }
        try {
            watches.close();
            listeners.close();
            Files.deleteIfExists(pidFile());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "closing", e);
        }
        store.close();
        lock.close();
    }
}
