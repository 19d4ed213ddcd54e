package dev.corten.engine.container;

import dev.corten.engine.event.Events;
import dev.corten.engine.exec.ExecConfig;
import dev.corten.engine.exec.ExecTable;
import dev.corten.engine.exec.ExecTarget;
import dev.corten.engine.exec.ExecTargets;
import dev.corten.engine.image.GraphView;
import dev.corten.engine.image.Images;
import dev.corten.engine.log.LogReader;
import dev.corten.engine.log.LogSink;
import dev.corten.engine.log.LogWatch;
import dev.corten.engine.log.LogWatches;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.engine.stream.DetachKeys;
import dev.corten.kernel.Errno;
import dev.corten.kernel.process.Signals;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.NotImplemented;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import dev.corten.model.image.Image;
import dev.corten.runtime.Attach;
import dev.corten.runtime.ExecRequest;
import dev.corten.runtime.Monitor;
import dev.corten.store.image.ImageUse;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The containers of this engine: create, start, stop, kill, remove, wait, attach, logs.
///
/// What clients ask for. How a container runs and ends is in [LifeCycle], what happens at the
/// daemon's start in [Recovery].
public final class Containers implements ExecTargets, ImageUse, AutoCloseable {
    private static final Logger LOG = System.getLogger(Containers.class.getName());

    /// Docker's grace period when neither the client nor the container gives one.
    private static final int DEFAULT_STOP_SECONDS = 10;

    /// How long a kill waits for the kernel to end the process.
    private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

    private final ContainerDirectory directory;
    private final Images images;
    private final Snapshots snapshots;
    private final Sandboxes sandboxes;
    private final Launcher launcher;
    private final Pausing pausing;
    private final ExecTable execs;
    private final LogWatches watches;
    private final Clock clock;
    private final CreateRules rules;
    private final ContainerTable table;
    private final LifeCycle life;
    private final Recovery recovery;

    public Containers(
            ContainerDirectory directory,
            Images images,
            Snapshots snapshots,
            Sandboxes sandboxes,
            Launcher launcher,
            ContainerGroups groups,
            ExecTable execs,
            Events events,
            LogWatches watches,
            Clock clock,
            CreateRules rules,
            java.util.random.RandomGenerator random) {
        this.directory = directory;
        this.images = images;
        this.snapshots = snapshots;
        this.sandboxes = sandboxes;
        this.launcher = launcher;
        this.execs = execs;
        this.watches = watches;
        this.clock = clock;
        this.rules = rules;
        this.table = new ContainerTable(random);
        this.life =
                new LifeCycle(
                        table, directory, snapshots, sandboxes, launcher, execs, events, clock);
        this.pausing = new Pausing(groups, life);
        this.recovery =
                new Recovery(
                        table, directory, snapshots, sandboxes, launcher, life, pausing, clock);
    }

    /// Takes over what an earlier daemon left; see [Recovery]. Called once.
    public void open() throws IOException {
        recovery.open();
    }

    /// Lets go of the containers, which live on.
    @Override
    public void close() {
        life.close();
    }

    /// A client has come that may soon want a process started. The kernel's part of that, where it
    /// is slow after a quiet time, begins now instead of then.
    public void expectClient() {
        launcher.warm();
    }

    // ---------------------------------------------------------------- create

    /// Makes a container: checks everything, then reserves the name, makes the writable snapshot
    /// and writes the container's directory, which appears by one rename.
    ///
    /// @throws InvalidParameter if the request is wrong, before any effect
    /// @throws NotFound if the image is not there
    /// @throws Conflict if the name is taken
    public Created create(CreateRequest request) throws IOException, InterruptedException {
        if (request.config().image().isEmpty()) {
            throw new InvalidParameter("no command specified");
        }
        Image image = images.forRun(request.config().image(), request.platform());
        launcher.warm();
        CreateRules.Resolved resolved = rules.resolve(request, image.config());
        ContainerId id = ContainerId.random();
        String name = table.reserve(request.name(), id);
        Container container;
        try {
            HostConfig host = canonical(resolved.host());
            var config = resolved.config();
            if (config.hostname().isEmpty()) {
                var edit = config.edit();
                edit.hostname =
                        life.networkOwner(host)
                                .map(owner -> owner.config.hostname())
                                .orElseGet(() -> sandboxes.defaultHostname(host.networkMode(), id));
                config = edit.done();
            }
            snapshots.prepare(id, image.chainId());
            try {
                markContainer(id);
                var file =
                        ContainerFiles.config(
                                id,
                                name,
                                clock.instant(),
                                resolved.path(),
                                resolved.args(),
                                image.id(),
                                image.platform().os(),
                                config,
                                resolved.endpoints());
                container =
                        new Container(
                                directory.of(id),
                                file,
                                host,
                                ContainerStatus.Created.NEW,
                                sandboxes.planned(host.networkMode(), resolved.endpoints()));
                directory.create(file, host, life.stateOf(container));
                table.add(container);
            } catch (IOException | RuntimeException e) {
                snapshots.remove(id);
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            table.release(name, id);
            throw e;
        }
        life.publish(container, "create", Map.of());
        return new Created(id, resolved.warnings());
    }

    /// Makes the empty `/.dockerenv` by which programs see that they are in a container. Nothing
    /// has run in the snapshot yet, so that its directory is still only ours.
    private void markContainer(ContainerId id) throws IOException {
        Files.createFile(
                snapshots.paths(id).upper().resolve(".dockerenv"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    // ---------------------------------------------------------------- start

    /// Starts a container. Answers when its program runs.
    ///
    /// @throws CortenException in Docker's words if it could not be started
    public StartOutcome start(String reference) throws IOException, InterruptedException {
        Container container = table.get(reference);
        container.begin("start");
        try {
            switch (container.status()) {
                case ContainerStatus.Running r -> {
                    if (r.paused()) {
                        throw new Conflict("cannot start a paused container, try unpause instead");
                    }
                    return StartOutcome.ALREADY_RUNNING;
                }
                case ContainerStatus.Removing _, ContainerStatus.Dead _ ->
                        throw new Conflict("container is marked for removal and cannot be started");
                case ContainerStatus.Created _, ContainerStatus.Exited _ -> life.run(container);
            }
            return StartOutcome.STARTED;
        } finally {
            container.end();
        }
    }

    /// With the ID of the container whose network is shared in the place of its name, which may
    /// change.
    private HostConfig canonical(HostConfig host) {
        Optional<Container> owner = life.networkOwner(host);
        if (owner.isEmpty()) {
            return host;
        }
        var edit = host.edit();
        edit.networkMode = LifeCycle.SHARED_NETWORK + owner.get().id;
        return edit.done();
    }

    // ---------------------------------------------------------------- stop, kill

    /// Asks the container to end, and ends it when the grace period is over.
    ///
    /// @param seconds the grace period; negative waits for ever; empty takes the container's
    /// @param signal empty takes the container's
    public StopOutcome stop(String reference, OptionalInt seconds, Optional<String> signal)
            throws IOException, InterruptedException {
        Container container = table.get(reference);
        if (!container.running()) {
            return StopOutcome.NOT_RUNNING;
        }
        int number =
                signal.filter(s -> !s.isEmpty()).isPresent()
                        ? signalNumber(signal.get())
                        : stopSignal(container);
        Integer own = container.config.stopTimeout();
        int grace = seconds.orElse(own == null ? DEFAULT_STOP_SECONDS : own);
        container.stopRequested();
        var exit = container.await(WaitCondition.NOT_RUNNING);
        try {
            signal(container, number);
            if (!ended(
                    exit, grace < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(grace)))) {
                signal(container, Signals.SIGKILL);
                if (!ended(exit, Optional.of(KILL_PATIENCE))) {
                    throw new Internal(
                            "cannot stop container: "
                                    + reference
                                    + ": tried to kill container, but did not receive an exit"
                                    + " event");
                }
            }
        } finally {
            exit.cancel(false);
        }
        life.publish(container, "stop", Map.of());
        return StopOutcome.STOPPED;
    }

    /// Stops the container if it runs, and starts it.
    public void restart(String reference, OptionalInt seconds, Optional<String> signal)
            throws IOException, InterruptedException {
        Container container = table.get(reference);
        if (container.host.autoRemove() && container.running()) {
            throw new Conflict("cannot restart a container that is removed when it ends");
        }
        stop(reference, seconds, signal);
        start(container.id.hex());
        life.publish(container, "restart", Map.of());
    }

    /// Sends a signal. SIGKILL waits for the end.
    ///
    /// @param signal a name with or without `SIG`, or a number
    public void kill(String reference, String signal) throws IOException, InterruptedException {
        int number;
        Container container;
        try {
            number = signal.isEmpty() ? Signals.SIGKILL : signalNumber(signal);
            container = get(reference);
        } catch (InvalidParameter e) {
            throw new InvalidParameter(
                    "cannot kill container: " + reference + ": " + e.message(), e);
        } catch (NotFound e) {
            throw new NotFound("cannot kill container: " + reference + ": " + e.message(), e);
        }
        if (!container.running()) {
            throw cannotKill(container, reference);
        }
        container.stopRequested();
        var exit = container.await(WaitCondition.NOT_RUNNING);
        try {
            boolean sent = signal(container, number);
            if (number != Signals.SIGKILL) {
                if (!sent) {
                    throw cannotKill(container, reference);
                }
            } else if (!ended(exit, Optional.of(KILL_PATIENCE))) {
                throw new Internal(
                        "cannot kill container: "
                                + reference
                                + ": tried to kill container, but did not receive an exit event");
            }
        } finally {
            exit.cancel(false);
        }
    }

    private static Conflict cannotKill(Container container, String reference) {
        return new Conflict(
                "cannot kill container: "
                        + reference
                        + ": container "
                        + container.id
                        + " is not running");
    }

    /// A paused container goes on, to notice the signal.
    ///
    /// @return false if the process has ended and its exit is on the way to us
    private boolean signal(Container container, int number) throws IOException {
        return pausing.concerns(container)
                ? pausing.unpauseAfter(container, () -> send(container, number))
                : send(container, number);
    }

    private boolean send(Container container, int number) throws IOException {
        Optional<Monitor> monitor = container.monitor();
        if (monitor.isEmpty()) {
            return false;
        }
        life.publish(container, "kill", Map.of("signal", Integer.toString(number)));
        try {
            monitor.get().signal(number);
            return true;
        } catch (IOException e) {
            if (e instanceof Errno errno && errno.is(Errno.ESRCH)
                    || monitor.get().exit().isDone()) {
                return false;
            }
            throw e;
        }
    }

    private static boolean ended(CompletableFuture<WaitResult> exit, Optional<Duration> limit)
            throws InterruptedException {
        try {
            if (limit.isPresent()) {
                exit.get(limit.get().toMillis(), TimeUnit.MILLISECONDS);
            } else {
                exit.get();
            }
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a wait never fails", e);
        }
    }

    static int stopSignal(Container container) {
        String own = container.config.stopSignal();
        return own.isEmpty() ? Signals.SIGTERM : signalNumber(own);
    }

    private static int signalNumber(String signal) {
        return Signals.parse(signal)
                .orElseThrow(() -> new InvalidParameter("invalid signal: " + signal));
    }

    // ---------------------------------------------------------------- pause

    /// Stops all processes of a container where they are.
    public void pause(String reference) throws IOException, InterruptedException {
        pausing.pause(table.get(reference));
    }

    /// Lets the processes of a paused container go on.
    public void unpause(String reference) throws IOException, InterruptedException {
        pausing.unpause(table.get(reference));
    }

    // ---------------------------------------------------------------- remove

    /// Removes a container, and ends it first if `force` says so.
    public void remove(String reference, RemoveOptions options)
            throws IOException, InterruptedException {
        Container container = table.get(reference);
        while (true) {
            if (container.status() instanceof ContainerStatus.Running running) {
                if (!options.force()) {
                    throw new Conflict(
                            "cannot remove container \""
                                    + container.name()
                                    + "\": container is "
                                    + (running.paused()
                                            ? "paused and must be unpaused first"
                                            : "running: stop the container before removing or force"
                                                    + " remove"));
                }
                killForRemoval(container);
            } else if (!options.force() && container.isUnderWay("remove")) {
                throw new Conflict(
                        "removal of container " + container.name() + " is already in progress");
            }
            if (!container.beginSurely("remove")) {
                // Somebody else's removal, or `--rm`, was faster.
                return;
            }
            try {
                if (!container.running()) {
                    life.removeNow(container);
                    return;
                }
                // A start was faster: look again.
            } finally {
                container.end();
            }
        }
    }

    private void killForRemoval(Container container) throws IOException, InterruptedException {
        try {
            kill(container.id.hex(), "KILL");
        } catch (Conflict | NotFound ended) {
            LOG.log(Level.DEBUG, () -> "container " + container.id + " has ended by itself", ended);
        }
    }

    // ---------------------------------------------------------------- wait, attach, logs, resize

    /// The registration is done when this returns: an exit afterwards is not missed.
    public CompletableFuture<WaitResult> await(String reference, WaitCondition condition) {
        return table.get(reference).await(condition);
    }

    /// Checks an attach; the socket follows by [Attachment#connect].
    ///
    public Attachment attach(String reference, AttachRequest request) {
        Container container = table.get(reference);
        if (container.status() instanceof ContainerStatus.Running r && r.paused()) {
            throw new Conflict(
                    "container " + reference + " is paused, unpause the container before attach");
        }
        byte[] keys = DetachKeys.parse(request.detachKeys());
        container.arriving();
        return new Attaching(container, request, keys, logs(container), events(container));
    }

    private Runnable events(Container container) {
        return () -> life.publish(container, "attach", Map.of());
    }

    private LogReader logs(Container container) {
        return new LogReader(container.directory, logName(container));
    }

    /// Gives the container's log; with `follow` until the container ends or the sink fails.
    public void logs(String reference, LogRequest request, LogSink sink)
            throws IOException, InterruptedException {
        Container container = table.get(reference);
        if (!request.stdout() && !request.stderr()) {
            throw new InvalidParameter("Bad parameters: you must choose at least one stream");
        }
        if (!container.host.logConfig().type().equals("json-file")) {
            throw new NotImplemented("configured logging driver does not support reading");
        }
        LogReader reader = logs(container);
        LogSink filtered = new LogFilter(request, sink);
        if (!request.follow() || !container.running()) {
            reader.read(request.tail(), Optional.empty(), filtered);
            return;
        }
        try (LogWatch watch = watches.open(container.directory)) {
            var exit = container.await(WaitCondition.NOT_RUNNING);
            try {
                exit.thenRun(watch::end);
                reader.follow(request.tail(), watch, filtered);
            } finally {
                exit.cancel(false);
            }
        } catch (LogFilter.Done enough) {
            sink.flush();
        }
    }

    /// Whether the container has a terminal.
    public boolean terminal(String reference) {
        return table.get(reference).config.tty();
    }

    /// Sets the size of the container's terminal.
    public void resize(String reference, int rows, int columns) throws IOException {
        Container container = table.get(reference);
        Monitor monitor = container.monitor().orElseThrow(() -> notRunning(container));
        // Clients ask without looking whether there is a terminal, and Docker lets them.
        if (container.config.tty()) {
            monitor.resize(rows, columns);
        }
        life.publish(
                container,
                "resize",
                Map.of("height", Integer.toString(rows), "width", Integer.toString(columns)));
    }

    /// Gives the container another name.
    public void rename(String reference, String newName) throws IOException, InterruptedException {
        if (newName.isEmpty()) {
            throw new InvalidParameter("Neither old nor new names may be empty");
        }
        Container container = get(reference);
        container.begin("rename");
        try {
            String old = table.rename(container.id, container.name(), newName);
            String now = newName.startsWith("/") ? newName.substring(1) : newName;
            container.rename(now);
            try {
                directory.writeConfig(configOf(container));
            } catch (IOException e) {
                table.rename(container.id, now, old);
                container.rename(old);
                throw e;
            }
            life.publish(container, "rename", Map.of("oldName", "/" + old));
        } finally {
            container.end();
        }
    }

    // ---------------------------------------------------------------- exec

    @Override
    public ExecTarget target(String reference) {
        Container container = table.get(reference);
        switch (container.status()) {
            case ContainerStatus.Running r when r.paused() ->
                    throw new Conflict(
                            "Container "
                                    + reference
                                    + " is paused, unpause the container before exec");
            case ContainerStatus.Running _ -> {}
            default -> throw notRunning(container);
        }
        Monitor monitor = container.monitor().orElseThrow(() -> notRunning(container));
        return new Target(container, monitor);
    }

    static Conflict notRunning(Container container) {
        return new Conflict("container " + container.id + " is not running");
    }

    private final class Target implements ExecTarget {
        private final Container container;
        private final Monitor monitor;

        Target(Container container, Monitor monitor) {
            this.container = container;
            this.monitor = monitor;
        }

        @Override
        public ContainerId id() {
            return container.id;
        }

        @Override
        public Monitor monitor() {
            return monitor;
        }

        @Override
        public Map<String, String> eventAttributes() {
            return LifeCycle.eventAttributes(container);
        }

        @Override
        public void checkUser(String user) throws IOException {
            if (!user.isEmpty()) {
                launcher.account(monitor, user, List.of());
            }
        }

        @Override
        public void warm() {
            launcher.warm();
        }

        @Override
        public ExecRequest request(ExecConfig config, boolean openStdin, Optional<Attach> client)
                throws IOException {
            return launcher.execRequest(container, monitor, config, openStdin, client);
        }
    }

    /// Tells of something that happened to a container, for the verbs beside this class.
    void publish(Container container, String action, Map<String, String> extra) {
        life.publish(container, action, extra);
    }

    /// The container itself, for the verbs beside this class.
    Container get(String reference) {
        return table.get(reference);
    }

    // ---------------------------------------------------------------- look

    /// @throws NotFound and InvalidParameter as [Names#resolve]
    public ContainerView inspect(String reference) {
        return view(table.get(reference));
    }

    /// All of them, newest first.
    public List<ContainerView> list() {
        return table.all().stream()
                .map(this::view)
                .sorted(Comparator.comparing(ContainerView::created).reversed())
                .toList();
    }

    /// What a container takes on the disk: its files are looked at one by one.
    public DiskSize diskSize(ContainerView view) throws IOException {
        long changed = snapshots.changedBytes(view.id());
        return new DiskSize(
                changed, changed + images.find(view.image()).map(Image::size).orElse(0L));
    }

    /// All of them, newest first, and what they take. One that is removed meanwhile is left out.
    public Map<ContainerView, DiskSize> diskSizes() throws IOException {
        var sizes = new LinkedHashMap<ContainerView, DiskSize>();
        for (ContainerView view : list()) {
            try {
                sizes.put(view, diskSize(view));
            } catch (NotFound _) {
                // Removed since it was listed.
            }
        }
        return sizes;
    }

    private ContainerView view(Container container) {
        return container.view(
                execs.running(container.id),
                graph(container.id),
                container.host.logConfig().type().equals("json-file")
                        ? container.directory.resolve(logName(container)).toString()
                        : "");
    }

    private GraphView graph(ContainerId id) {
        try {
            return GraphView.of(snapshots.paths(id), Map.of("ID", id.hex()));
        } catch (NotFound | IOException e) {
            return GraphView.GONE;
        }
    }

    /// Which containers were made of an image.
    @Override
    public List<Use> of(Digest image) {
        return table.all().stream()
                .filter(container -> container.image.equals(image))
                .map(container -> new Use(container.id, container.running()))
                .toList();
    }

    /// How many there are in each state.
    public record Counts(int running, int paused, int stopped) {}

    public Counts counts() {
        int running = 0;
        int paused = 0;
        int stopped = 0;
        for (Container container : table.all()) {
            switch (container.status()) {
                case ContainerStatus.Running r when r.paused() -> paused++;
                case ContainerStatus.Running _ -> running++;
                default -> stopped++;
            }
        }
        return new Counts(running, paused, stopped);
    }

    static String logName(Container container) {
        return container.id + "-json.log";
    }

    private static ContainerFiles.Config configOf(Container container) {
        return ContainerFiles.config(
                container.id,
                container.name(),
                container.created,
                container.path,
                container.args,
                container.image,
                container.platform,
                container.config,
                container.endpoints);
    }
}
