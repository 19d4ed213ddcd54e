package dev.corten.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// All CPU time of an engine, whatever leaves its process tree included: the daemon is put into an
/// accounting cgroup of its own, and what it starts is born there. Helpers that the engine keeps in
/// cgroups of its own are added; containers have cgroups elsewhere and do not count.
final class CpuMeter implements AutoCloseable {
    private static final Path V1 = Path.of("/sys/fs/cgroup/cpuacct");
    private static final Path V1_JOINT = Path.of("/sys/fs/cgroup/cpu,cpuacct");
    private static final Path V2 = Path.of("/sys/fs/cgroup");

    private final Path root;
    private final Path home;
    private final Path own;
    private final Set<Path> counted = new LinkedHashSet<>();

    /// @param label names the cgroup, so that two engines or two runs do not meet
    CpuMeter(int daemon, String label) throws IOException {
        root = Files.exists(V1) ? V1 : Files.exists(V1_JOINT) ? V1_JOINT : V2;
        home = cgroupOf(daemon);
        own = root.resolve(label);
        Files.createDirectory(own);
        counted.add(own);
        for (int pid : new TreeSet<>(Processes.ofEngine(daemon, Set.of()))) {
            Path cgroup = cgroupOf(pid);
            if (cgroup.equals(home)) {
                move(pid, own);
            } else {
                counted.add(cgroup);
            }
        }
    }

    /// Milliseconds so far.
    double used() throws IOException {
        double sum = 0;
        for (Path cgroup : counted) {
            Path v1 = cgroup.resolve("cpuacct.usage");
            if (Files.exists(v1)) {
                sum += Long.parseLong(Files.readString(v1).strip()) / 1e6;
            } else {
                for (String line : Files.readAllLines(cgroup.resolve("cpu.stat"))) {
                    if (line.startsWith("usage_usec ")) {
                        sum += Long.parseLong(line.substring(11)) / 1e3;
                    }
                }
            }
        }
        return sum;
    }

    private Path cgroupOf(int pid) throws IOException {
        for (String line : Processes.lines(pid, "cgroup")) {
            String[] parts = line.split(":", 3);
            boolean ours =
                    root.equals(V2)
                            ? parts[1].isEmpty()
                            : List.of(parts[1].split(",")).contains("cpuacct");
            if (ours) {
                return root.resolve(parts[2].substring(1));
            }
        }
        return root;
    }

    private static void move(int pid, Path cgroup) throws IOException {
        try {
            Files.writeString(cgroup.resolve("cgroup.procs"), Integer.toString(pid));
        } catch (IOException e) {
            if (!Processes.lines(pid, "stat").isEmpty()) {
                throw e;
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (String pid : new ArrayList<>(Files.readAllLines(own.resolve("cgroup.procs")))) {
            move(Integer.parseInt(pid), home);
        }
        Files.delete(own);
    }
}
