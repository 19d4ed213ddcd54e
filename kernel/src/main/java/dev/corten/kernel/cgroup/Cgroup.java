package dev.corten.kernel.cgroup;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.DirectoryEntry;
import dev.corten.kernel.file.Eventfd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.process.Signals;
import dev.corten.model.container.CgroupStats;
import dev.corten.model.oci.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One control group, in all hierarchies at once. Holds nothing open.
public final class Cgroup {
    private static final int FILE_MAX = 4 << 20;
    private static final int KILL_ROUNDS = 100;

    private final CgroupTree tree;
    private final String path;

    Cgroup(CgroupTree tree, String path) {
        this.tree = tree;
        this.path = path;
    }

    /// The path in each hierarchy: `/corten/<id>`.
    public String path() {
        return path;
    }

    public CgroupTree tree() {
        return tree;
    }

    /// Whether it exists, in the first hierarchy that there is.
    public boolean exists() throws IOException {
        return FileCalls.exists(Fd.CWD, directories().getFirst());
    }

    /// The group's directory for a controller of version 1's name, if that is there.
    public Optional<String> directory(String controller) {
        return tree.mountOf(controller).map(mount -> mount + path);
    }

    /// The group's directory in the version 2 hierarchy.
    public Optional<String> unifiedDirectory() {
        return tree.unifiedMount().map(mount -> mount + path);
    }

    private List<String> directories() {
        var directories = new ArrayList<String>();
        for (CgroupTree.Hierarchy hierarchy : tree.hierarchies()) {
            directories.add(hierarchy.mountPoint() + path);
        }
        unifiedDirectory().ifPresent(directories::add);
        return directories;
    }

    // ---- making

    void makeAll() throws Errno {
        new GroupMaking(tree, path).makeAll();
    }

    void make(String mount) throws Errno {
        new GroupMaking(tree, path).make(mount);
    }

    // ---- limits

    /// Sets what is given; zero, empty and absent values change nothing.
    ///
    /// @throws LimitRefused if the kernel refuses a value, with file and value in the message
    /// @throws IOException if a limit needs a controller that is missing
    public void apply(Resources resources) throws IOException {
        apply(resources, new LimitFiles(this, false));
    }

    /// As [#apply], for processes that run: if one value is refused, all are as they were.
    public void change(Resources resources) throws IOException {
        var files = new LimitFiles(this, true);
        try {
            apply(resources, files);
        } catch (IOException | RuntimeException e) {
            files.undo(e);
            throw e;
        }
    }

    private void apply(Resources resources, LimitFiles files) throws IOException {
        if (tree.version() == CgroupVersion.V2) {
            new LimitsV2(files).apply(resources);
        } else {
            new LimitsV1(files).apply(resources);
        }
    }

    /// Writes a file of a controller's group: `set("memory", "memory.limit_in_bytes", "64000000")`.
    public void set(String controller, String file, String value) throws IOException {
        String directory =
                directory(controller)
                        .orElseThrow(() ->
                                new IOException(
                                        "cgroup "
                                                + path
                                                + ": cannot set "
                                                + file
                                                + ": no "
                                                + controller
                                                + " controller"));
        try {
            write(directory + "/" + file, value);
        } catch (Errno e) {
            throw new LimitRefused(directory + "/" + file, value, e);
        }
    }

    /// The content of a file of a controller's group, empty if there is none.
    public Optional<String> get(String controller, String file) throws IOException {
        Optional<String> directory = directory(controller);
        return directory.isEmpty() ? Optional.empty() : find(directory.get() + "/" + file);
    }

    // ---- processes

    /// What a process needs that moves itself here, or is born here.
    public Attachment attachment() throws IOException {
        var procs = new ArrayList<Fd>();
        boolean complete = false;
        try {
            for (CgroupTree.Hierarchy hierarchy : tree.hierarchies()) {
                procs.add(
                        FileCalls.open(
                                hierarchy.mountPoint() + path + "/cgroup.procs",
                                FileCalls.O_WRONLY));
            }
            Optional<Fd> directory = Optional.empty();
            if (unifiedDirectory().isPresent()) {
                directory = Optional.of(FileCalls.openDirectory(unifiedDirectory().get()));
            }
            complete = true;
            return new Attachment(procs, directory);
        } finally {
            if (!complete) {
                procs.forEach(Fd::close);
            }
        }
    }

    /// Moves a process here.
    public void add(int pid) throws IOException {
        for (String directory : directories()) {
            write(directory + "/cgroup.procs", Integer.toString(pid));
        }
    }

    /// The processes in this group and those below it, in no order.
    public List<Integer> pids() throws IOException {
        Set<Integer> pids = new LinkedHashSet<>();
        // One hierarchy is enough: processes are moved in all of them. In the memory hierarchy
        // nobody moves them away by himself.
        collectPids(directory("memory").orElse(directories().getFirst()), pids);
        return List.copyOf(pids);
    }

    private static void collectPids(String directory, Set<Integer> pids) throws IOException {
        Optional<String> procs = find(directory + "/cgroup.procs");
        if (procs.isEmpty()) {
            return;
        }
        procs.get().lines().forEach(line -> pids.add(Integer.parseInt(line)));
        for (DirectoryEntry entry : children(directory)) {
            collectPids(directory + "/" + entry.name(), pids);
        }
    }

    private static List<DirectoryEntry> children(String directory) throws IOException {
        try {
            return Directories.list(Fd.CWD, directory).stream()
                    .filter(DirectoryEntry::isDirectory)
                    .toList();
        } catch (Errno e) {
            if (e.is(Errno.ENOENT)) {
                return List.of();
            }
            throw e;
        }
    }

    // ---- freezing

    /// Stops every process, and waits until all are stopped.
    ///
    /// @throws IOException if one does not stop in time; the group is thawed then
    public void freeze(Duration limit) throws IOException {
        new Freezer(this).freeze(limit);
    }

    /// Lets them go on.
    public void thaw() throws IOException {
        new Freezer(this).thaw();
    }

    /// Whether all processes are stopped.
    public boolean isFrozen() throws IOException {
        return new Freezer(this).isFrozen();
    }

    // ---- killing

    /// Kills every process in this group and below, forks that happen meanwhile included.
    public void kill() throws IOException {
        Optional<String> unified = unifiedDirectory();
        if (unified.isPresent()) {
            try {
                write(unified.get() + "/cgroup.kill", "1"); // since Linux 5.14
            } catch (Errno e) {
                if (!e.is(Errno.ENOENT)) {
                    throw e;
                }
            }
        }
        // What is in version 1 only was moved there by hand; usually this finds nothing.
        boolean thawed = false;
        for (int round = 0; round < KILL_ROUNDS; round++) {
            boolean any = false;
            for (int pid : pids()) {
                any |= kill(pid);
            }
            if (!any) {
                return;
            }
            if (!thawed && isFrozen()) {
                // Version 1's freezer holds the killed too.
                thaw();
                thawed = true;
            }
            GroupEvents.lookAgain();
        }
    }

    private boolean kill(int pid) throws IOException {
        try (Pidfd process = Pidfd.open(pid)) {
            // The number may be another's by now: only what still is in the group may die.
            return pids().contains(pid) && process.signal(Signals.SIGKILL);
        } catch (Errno e) {
            if (e.isAny(Errno.ESRCH, Errno.EINVAL)) {
                return false;
            }
            throw e;
        }
    }

    /// Sends a signal to every process in this group and below.
    public void signalAll(int signal) throws IOException {
        for (int pid : pids()) {
            try (Pidfd process = Pidfd.open(pid)) {
                process.signal(signal);
            } catch (Errno e) {
                if (!e.isAny(Errno.ESRCH, Errno.EINVAL)) {
                    throw e;
                }
            }
        }
    }

    /// Waits until no process is left. Returns false if the time is over.
    public boolean awaitEmpty(Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        Optional<String> unified = unifiedDirectory();
        if (unified.isPresent() && !GroupEvents.await(unified.get(), "populated 0", limit)) {
            return false;
        }
        while (!pids().isEmpty()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            GroupEvents.lookAgain();
        }
        return true;
    }

    // ---- removing

    /// Removes the group and those below it from all hierarchies, waiting for processes to end;
    /// kill them before. What is not there counts as removed.
    ///
    /// @return false if processes were left when the time was over
    public boolean remove(Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        Optional<String> unified = unifiedDirectory();
        while (!removeNow()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            if (unified.isPresent()
                    && !GroupEvents.await(unified.get(), "populated 0", Duration.ofNanos(left))) {
                return false;
            }
            if (System.nanoTime() < deadline) {
                GroupEvents.lookAgain();
            }
        }
        return true;
    }

    /// One try. Returns false if something is busy.
    boolean removeNow() throws Errno {
        boolean all = true;
        // Version 2 last: its events tell when the others can be removed.
        for (String directory : directories()) {
            all &= GroupRemoval.tree(directory);
        }
        return all;
    }

    // ---- memory events

    /// How many processes were killed for lack of memory so far.
    public long oomKills() throws IOException {
        String file = tree.version() == CgroupVersion.V2 ? "memory.events" : "memory.oom_control";
        for (String line : get("memory", file).orElse("").split("\n", -1)) {
            if (line.startsWith("oom_kill ")) {
                return Long.parseLong(line.substring(9).strip());
            }
        }
        return 0;
    }

    /// Watches for lack of memory.
    ///
    /// @throws IOException if there is no memory controller
    public OomWatch watchOom() throws IOException {
        String directory =
                directory("memory")
                        .orElseThrow(
                                () -> new IOException("cgroup " + path + ": no memory controller"));
        if (tree.version() == CgroupVersion.V2) {
            Fd events = FileCalls.open(directory + "/memory.events", FileCalls.O_RDONLY);
            // An event counts as new until the file is read.
            FileData.pread(events, new byte[4096], 0, 4096, 0);
            return new OomWatch(this, events, false);
        }
        Eventfd event = Eventfd.create();
        try (Fd control = FileCalls.open(directory + "/memory.oom_control", FileCalls.O_RDONLY)) {
            write(
                    directory + "/cgroup.event_control",
                    event.fd().number() + " " + control.number());
            return new OomWatch(this, event.fd(), true);
        } catch (Errno e) {
            event.close();
            throw e;
        }
    }

    /// What it has used.
    public CgroupStats stats() throws IOException {
        return tree.version() == CgroupVersion.V2 ? StatsV2.read(this) : StatsV1.read(this);
    }

    // ---- files

    static void write(String file, String value) throws Errno {
        FileData.writeFile(Fd.CWD, file, value);
    }

    static String text(String file) throws IOException {
        byte[] bytes = FileData.readFile(Fd.CWD, file, FILE_MAX);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /// Empty if the file, or the group while reading, is not there.
    static Optional<String> find(String file) throws IOException {
        try {
            return Optional.of(text(file));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ENODEV, Errno.EOPNOTSUPP)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public String toString() {
        return "cgroup " + path;
    }
}
