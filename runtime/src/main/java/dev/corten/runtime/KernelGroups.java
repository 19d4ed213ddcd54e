package dev.corten.runtime;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.cgroup.Attachment;
import dev.corten.kernel.cgroup.Cgroup;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.cgroup.CgroupVersion;
import dev.corten.kernel.cgroup.ClassesOfService;
import dev.corten.kernel.cgroup.OomWatch;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.mount.Mounts;
import dev.corten.model.oci.Linux;
import dev.corten.model.oci.Namespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The control groups of this machine.
final class KernelGroups implements ControlGroups {
    private static final Duration REMOVE_LIMIT = Duration.ofSeconds(5);
    private static final int MAX_CGROUP_FILE = 1 << 16;

    private final CgroupTree tree;
    private final ClassesOfService classes;

    KernelGroups(CgroupTree tree) {
        this.tree = tree;
        this.classes = new ClassesOfService(ClassesOfService.ROOT);
    }

    private int version() {
        return tree.version() == CgroupVersion.V2 ? 2 : 1;
    }

    @Override
    public Placement create(Linux linux) throws IOException {
        Cgroup old = tree.open(linux.cgroupsPath());
        // A group that cgroup.kill was used on kills whatever is cloned into it later on: the
        // kernel compares its count of kills with that of the parent's group (6.18).
        if (old.exists() && !old.remove(REMOVE_LIMIT)) {
            throw new IOException("control group " + linux.cgroupsPath() + " is in use");
        }
        return createOrTake(linux);
    }

    /// As [#create], in a group that may be there already.
    Placement createOrTake(Linux linux) throws IOException {
        Cgroup group = tree.create(linux.cgroupsPath());
        group.apply(linux.resources());
        boolean showTrees = version() == 1 && linux.namespace(Namespace.Type.CGROUP).isEmpty();
        var opened = new ArrayList<Fd>();
        try {
            Attachment attachment = group.attachment();
            opened.addAll(attachment.procs());
            var procs = new ArrayList<>(attachment.procs());
            if (linux.rdtClass().isPresent()) {
                procs.add(classes.open(linux.rdtClass().get()));
                opened.add(procs.getLast());
            }
            attachment.directory().ifPresent(opened::add);
            Optional<Fd> oom = watch(group);
            oom.ifPresent(opened::add);
            Optional<Fd> kill = kill(group);
            kill.ifPresent(opened::add);
            List<Placement.Hierarchy> hierarchies = List.of();
            if (version() == 1) {
                hierarchies = hierarchies(linux.cgroupsPath(), showTrees, opened);
            }
            return new Placement(version(), procs, attachment.directory(), hierarchies, oom, kill);
        } catch (IOException | RuntimeException e) {
            opened.forEach(Fd::close);
            throw e;
        }
    }

    private static Optional<Fd> watch(Cgroup group) throws IOException {
        if (group.directory("memory").isEmpty()) {
            return Optional.empty();
        }
        OomWatch watch = group.watchOom();
        // The monitor's duplicate does the watching.
        return Optional.of(watch.fd());
    }

    private static Optional<Fd> kill(Cgroup group) throws Errno {
        if (group.unifiedDirectory().isPresent()) {
            Optional<Fd> kill =
                    FileCalls.find(
                            Fd.CWD,
                            group.unifiedDirectory().get() + "/cgroup.kill",
                            FileCalls.O_WRONLY);
            if (kill.isPresent()) {
                return kill;
            }
        }
        for (String controller : List.of("pids", "memory", "freezer")) {
            Optional<String> directory = group.directory(controller);
            if (directory.isPresent()) {
                return Optional.of(
                        FileCalls.open(directory.get() + "/cgroup.procs", FileCalls.O_RDONLY));
            }
        }
        return Optional.empty();
    }

    private List<Placement.Hierarchy> hierarchies(String path, boolean showTrees, List<Fd> opened)
            throws IOException {
        var all = new ArrayList<Placement.Hierarchy>();
        for (Map.Entry<String, String> entry : tree.hierarchyMounts().entrySet()) {
            String controllers = entry.getKey();
            String mount = entry.getValue();
            String name = mount.substring(mount.lastIndexOf('/') + 1);
            boolean named = controllers.startsWith("name=");
            Optional<Fd> own = Optional.empty();
            if (showTrees) {
                Fd clone = Mounts.openTree(Fd.CWD, mount + path, Mounts.OPEN_TREE_CLONE);
                opened.add(clone);
                own = Optional.of(clone);
            }
            List<String> names = List.of(controllers.split(",", -1));
            all.add(
                    new Placement.Hierarchy(
                            name,
                            names.size() > 1 ? names : List.of(),
                            named ? List.of("none", controllers) : names,
                            own));
        }
        return all;
    }

    @Override
    public Placement of(int pid) throws IOException {
        byte[] bytes = FileData.readFile(Fd.CWD, "/proc/" + pid + "/cgroup", MAX_CGROUP_FILE);
        var paths = new HashMap<String, String>();
        for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n", -1)) {
            String[] fields = line.split(":", 3);
            if (fields.length == 3) {
                paths.put(fields[1], fields[2]);
            }
        }
        var procs = new ArrayList<Fd>();
        try {
            for (Map.Entry<String, String> entry : tree.hierarchyMounts().entrySet()) {
                String path = paths.get(entry.getKey());
                if (path != null) {
                    procs.add(
                            FileCalls.open(
                                    entry.getValue() + path + "/cgroup.procs", FileCalls.O_WRONLY));
                }
            }
            Optional<String> rdtClass = ClassesOfService.of(pid);
            if (rdtClass.isPresent()) {
                procs.add(classes.open(rdtClass.get()));
            }
            Optional<Fd> directory = Optional.empty();
            String unified = paths.get("");
            if (unified != null && tree.unifiedMount().isPresent()) {
                directory =
                        Optional.of(FileCalls.openDirectory(tree.unifiedMount().get() + unified));
            }
            return new Placement(
                    version(), procs, directory, List.of(), Optional.empty(), Optional.empty());
        } catch (IOException | RuntimeException e) {
            procs.forEach(Fd::close);
            throw e;
        }
    }

    @Override
    public List<String> directories(String path) throws IOException {
        Cgroup group = tree.create(path);
        var directories = new ArrayList<String>();
        for (String mount : tree.hierarchyMounts().values()) {
            directories.add(mount + path);
        }
        group.unifiedDirectory().ifPresent(directories::add);
        return directories;
    }

    @Override
    public void warm() throws IOException {
        tree.warm();
    }
}
