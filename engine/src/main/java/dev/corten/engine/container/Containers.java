package dev.corten.engine.container;

import dev.corten.engine.container.mount.ContainerMounts;
import dev.corten.engine.container.mount.MountPlanning;
import dev.corten.engine.container.mount.MountServices;
import dev.corten.engine.container.rules.CreateRequest;
import dev.corten.engine.container.rules.CreateRules;
import dev.corten.engine.container.view.ContainerCounts;
import dev.corten.engine.container.view.ContainerView;
import dev.corten.engine.container.view.Created;
import dev.corten.engine.container.view.DiskSize;
import dev.corten.engine.container.view.StartOutcome;
import dev.corten.engine.container.view.StopOutcome;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.engine.event.Events;
import dev.corten.engine.exec.ExecTable;
import dev.corten.engine.exec.ExecTarget;
import dev.corten.engine.exec.ExecTargets;
import dev.corten.engine.image.Images;
import dev.corten.engine.log.LogSink;
import dev.corten.engine.log.LogWatches;
import dev.corten.engine.sandbox.Sandboxes;
import dev.corten.engine.stream.DetachKeys;
import dev.corten.model.Conflict;
import dev.corten.model.ContainerId;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.container.ContainerStatus;
import dev.corten.model.container.HostConfig;
import dev.corten.runtime.Monitor;
import dev.corten.store.image.ImageUse;
import dev.corten.store.snapshot.Snapshots;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/// The containers of this engine: what clients ask for, each verb in a class of its own.
///
/// How a container runs and ends is in [LifeCycle], what happens at the daemon's start in
/// [Recovery].
public final class Containers implements ExecTargets, ImageUse, AutoCloseable {
    private final ContainerTable table;
    private final Launcher launcher;
    private final LifeCycle life;
    private final Recovery recovery;
    private final Creation creation;
    private final Starting starting;
    private final Stopping stopping;
    private final Pausing pausing;
    private final Removal removal;
    private final Renaming renaming;
    private final Updating updating;
    private final ContainerLogs logs;
    private final Listing listing;
    private final ExecAccess execAccess;

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
            MountServices mountServices,
            java.util.random.RandomGenerator random) {
        this.launcher = launcher;
        table = new ContainerTable(random);
        ContainerMounts mounts = mountServices.mounts();
        life =
                new LifeCycle(
                        table, directory, snapshots, sandboxes, launcher, mounts, execs, events,
                        clock);
        pausing = new Pausing(groups, life);
        recovery =
                new Recovery(
                        table, directory, snapshots, sandboxes, launcher, mounts, life, pausing,
                        clock);
        creation =
                new Creation(
                        table,
                        directory,
                        images,
                        snapshots,
                        sandboxes,
                        launcher,
                        rules,
                        new MountPlanning(
                                reference -> table.get(reference).mounts,
                                images,
                                mountServices.volumes(),
                                mountServices.calls(),
                                mountServices.dataRoot()),
                        mounts,
                        life,
                        clock);
        stopping = new Stopping(table, life, pausing);
        starting = new Starting(table, life, stopping);
        removal = new Removal(table, directory, launcher, life, stopping);
        renaming = new Renaming(table, directory, life);
        updating = new Updating(table, directory, groups, rules.resources(), life);
        logs = new ContainerLogs(table, watches);
        listing = new Listing(table, execs, snapshots, images, mounts);
        execAccess = new ExecAccess(table, launcher);
    }

    /// Takes over what an earlier daemon left; see [Recovery]. Called once.
    public void open() throws IOException, InterruptedException {
        recovery.open();
    }

    /// Ends all containers, for a daemon that shall not leave them running.
    ///
    /// @param seconds how long to wait at most, unless a container has a longer time of its own;
    ///     negative waits for ever
    public void endAll(long seconds) throws InterruptedException {
        new ShuttingDown(table, life, stopping).endAll(seconds);
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

    /// Makes a container: checks everything, then reserves the name, makes the writable snapshot
    /// and writes the container's directory, which appears by one rename.
    ///
    /// @throws InvalidParameter if the request is wrong, before any effect
    /// @throws NotFound if the image is not there
    /// @throws Conflict if the name is taken
    public Created create(CreateRequest request) throws IOException, InterruptedException {
        return creation.create(request);
    }

    /// A name that nobody has at the moment, for a container that is to be adopted.
    public String freeName() {
        ContainerId nobody = ContainerId.random();
        String name = table.reserve(Optional.empty(), nobody);
        table.release(name, nobody);
        return name;
    }

    /// The same for a container that was made elsewhere, and that does not run.
    public Created adopt(CreateRequest request, Adoption adoption)
            throws IOException, InterruptedException {
        return creation.create(request, Optional.empty(), Optional.of(adoption));
    }

    /// The network of a container that runs, see [LentNetwork.Lender].
    public LentNetwork lendNetwork(String reference) throws IOException {
        return life.lendNetwork(reference);
    }

    /// Whether there is a container of this ID.
    public boolean exists(ContainerId id) {
        return table.find(id).isPresent();
    }

    /// The same over the files of another container that does not run.
    Created createOver(ContainerId base, CreateRequest request)
            throws IOException, InterruptedException {
        return creation.create(request, Optional.of(base));
    }

    /// Starts a container. Answers when its program runs.
    ///
    /// @throws CortenException in Docker's words if it could not be started
    public StartOutcome start(String reference) throws IOException, InterruptedException {
        return starting.start(reference);
    }

    /// Asks the container to end, and ends it when the grace period is over.
    ///
    /// @param seconds the grace period; negative waits for ever; empty takes the container's
    /// @param signal empty takes the container's
    public StopOutcome stop(String reference, OptionalInt seconds, Optional<String> signal)
            throws IOException, InterruptedException {
        return stopping.stop(reference, seconds, signal);
    }

    /// Stops the container if it runs, and starts it.
    public void restart(String reference, OptionalInt seconds, Optional<String> signal)
            throws IOException, InterruptedException {
        starting.restart(reference, seconds, signal);
    }

    /// Sends a signal. SIGKILL waits for the end.
    ///
    /// @param signal a name with or without `SIG`, or a number
    public void kill(String reference, String signal) throws IOException, InterruptedException {
        stopping.kill(reference, signal);
    }

    /// Stops all processes of a container where they are.
    public void pause(String reference) throws IOException, InterruptedException {
        pausing.pause(table.get(reference));
    }

    /// Lets the processes of a paused container go on.
    public void unpause(String reference) throws IOException, InterruptedException {
        pausing.unpause(table.get(reference));
    }

    /// Removes a container, and ends it first if `force` says so.
    public void remove(String reference, RemoveOptions options)
            throws IOException, InterruptedException {
        removal.remove(reference, options);
    }

    /// Removes a link between containers, by its name: `web/alias`.
    public void unlink(String reference) throws IOException, InterruptedException {
        removal.unlink(reference);
    }

    /// The registration is done when this returns: an exit afterwards is not missed.
    public CompletableFuture<WaitResult> await(String reference, WaitCondition condition) {
        return table.get(reference).await(condition);
    }

    /// Checks an attach; the socket follows by [Attachment#connect].
    public Attachment attach(String reference, AttachRequest request) {
        Container container = table.get(reference);
        switch (container.status()) {
            case ContainerStatus.Running r when r.paused() ->
                    throw new Conflict(
                            "container "
                                    + reference
                                    + " is paused, unpause the container before attach");
            case ContainerStatus.Restarting _ ->
                    throw new Conflict(
                            "container "
                                    + reference
                                    + " is restarting, wait until the container is running");
            default -> {}
        }
        byte[] keys = DetachKeys.parse(request.detachKeys());
        container.arrivals.promised();
        return new Attaching(
                container,
                request,
                keys,
                ContainerLogs.reader(container),
                () -> life.publish(container, "attach", Map.of()));
    }

    /// What stands before each line of the log for those who want details: `color=red,size=big`.
    public String logDetails(String reference) {
        return logs.details(reference);
    }

    /// Gives the container's log; with `follow` until the container ends or the sink fails.
    public void logs(String reference, LogRequest request, LogSink sink)
            throws IOException, InterruptedException {
        logs.read(reference, request, sink);
    }

    /// Whether the container has a terminal.
    public boolean terminal(String reference) {
        return table.get(reference).config.tty();
    }

    /// Sets the size of the container's terminal.
    public void resize(String reference, int rows, int columns) throws IOException {
        Container container = table.get(reference);
        Monitor monitor = container.monitor().orElseThrow(() -> Container.notRunning(container));
        // Clients ask without looking whether there is a terminal, and Docker lets them.
        if (container.config.tty()) {
            monitor.resize(rows, columns);
        }
        life.publish(
                container,
                "resize",
                Map.of("height", Integer.toString(rows), "width", Integer.toString(columns)));
    }

    /// Changes what the container may use, at once where it runs: all of it, or nothing.
    ///
    /// @param request what is zero or empty in it stays as it is
    /// @return warnings
    public List<String> update(String reference, HostConfig request)
            throws IOException, InterruptedException {
        return updating.update(reference, request);
    }

    /// Gives the container another name.
    public void rename(String reference, String newName) throws IOException, InterruptedException {
        renaming.rename(reference, newName);
    }

    @Override
    public ExecTarget target(String reference) {
        return execAccess.target(reference);
    }

    /// Tells of something that happened to a container, for the verbs beside this class.
    void publish(Container container, String action, Map<String, String> extra) {
        life.publish(container, action, extra);
    }

    /// The container itself, for the verbs beside this class.
    /// Tells others what was done with a container.
    void tell(Container container, String action, Map<String, String> extra) {
        life.publish(container, action, extra);
    }

    Container get(String reference) {
        return table.get(reference);
    }

    /// @throws NotFound and InvalidParameter as [Names#resolve]
    public ContainerView inspect(String reference) {
        return listing.inspect(reference);
    }

    /// All of them, newest first.
    public List<ContainerView> list() {
        return listing.list();
    }

    /// What a container takes on the disk: its files are looked at one by one.
    public DiskSize diskSize(ContainerView view) throws IOException {
        return listing.diskSize(view);
    }

    /// All of them, newest first, and what they take. One that is removed meanwhile is left out.
    public Map<ContainerView, DiskSize> diskSizes() throws IOException {
        return listing.diskSizes();
    }

    /// Which containers were made of an image.
    @Override
    public List<Use> of(Digest image) {
        return listing.of(image);
    }

    /// Whether no process runs and none will by itself.
    public boolean isQuiet() {
        return listing.isQuiet();
    }

    /// How many there are in each state.
    public ContainerCounts counts() {
        return listing.counts();
    }
}
