package dev.corten.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What /proc tells of an engine's processes.
final class Processes {
    private static final Path PROC = Path.of("/proc");

    private Processes() {}

    /// The daemon that listens on a socket: the process that holds the listening socket's inode.
    static int listening(Path socket) throws IOException {
        String path = socket.toRealPath().toString();
        String inode =
                Files.readAllLines(PROC.resolve("net/unix")).stream()
                        .map(line -> line.strip().split("\\s+"))
                        // column 4 is the flags: 00010000 is "accepts connections"
                        .filter(column -> column.length == 8 && column[3].equals("00010000"))
                        .filter(column -> column[7].equals(path) || same(column[7], path))
                        .map(column -> column[6])
                        .findFirst()
                        .orElseThrow(() -> new Failure("nobody listens on " + socket));
        for (int pid : all()) {
            try (DirectoryStream<Path> fds = Files.newDirectoryStream(PROC.resolve(pid + "/fd"))) {
                for (Path fd : fds) {
                    if (link(fd).equals(Optional.of("socket:[" + inode + "]"))) {
                        return pid;
                    }
                }
            } catch (NoSuchFileException gone) {
                // Ended while we looked.
            }
        }
        throw new Failure("the process that listens on " + socket + " is not visible");
    }

    private static boolean same(String bound, String path) {
        try {
            return bound.startsWith("/") && Path.of(bound).toRealPath().toString().equals(path);
        } catch (IOException e) {
            return false; // bound by another process under a name that is gone
        }
    }

    /// The processes of an engine: the daemon with its descendants, and the ancestors of
    /// containers' first processes, which may have left the daemon's tree. What runs in containers
    /// is not among them.
    static Set<Integer> ofEngine(int daemon, Collection<Integer> inits) throws IOException {
        Map<Integer, Integer> parents = new HashMap<>();
        Map<Integer, Set<Integer>> children = new HashMap<>();
        for (int pid : all()) {
            parent(pid)
                    .ifPresent(parent -> {
                        parents.put(pid, parent);
                        children.computeIfAbsent(parent, _ -> new HashSet<>()).add(pid);
                    });
        }
        var engine = new HashSet<Integer>();
        var todo = new ArrayDeque<>(List.of(daemon));
        while (!todo.isEmpty()) {
            int pid = todo.remove();
            if (!inits.contains(pid) && engine.add(pid)) {
                todo.addAll(children.getOrDefault(pid, Set.of()));
            }
        }
        for (int init : inits) {
            int pid = parents.getOrDefault(init, 0);
            while (pid > 1) {
                engine.add(pid);
                pid = parents.getOrDefault(pid, 0);
            }
        }
        // The bench and the shell above it started the daemon perhaps, but are no part of it.
        for (int pid = (int) ProcessHandle.current().pid();
                pid > 0;
                pid = parents.getOrDefault(pid, 0)) {
            engine.remove(pid);
        }
        Optional<String> namespace = link(PROC.resolve("self/ns/pid"));
        engine.removeIf(pid -> !link(PROC.resolve(pid + "/ns/pid")).equals(namespace));
        return engine;
    }

    /// Resident and proportional set of some processes, in MiB.
    record Memory(double rss, double pss) {
        static Memory of(Collection<Integer> pids) throws IOException {
            long rss = 0;
            long pss = 0;
            for (int pid : pids) {
                for (String line : lines(pid, "smaps_rollup")) {
                    if (line.startsWith("Rss:")) {
                        rss += kilobytes(line);
                    } else if (line.startsWith("Pss:")) {
                        pss += kilobytes(line);
                    }
                }
            }
            return new Memory(rss / 1024.0, pss / 1024.0);
        }
    }

    /// From now on, [#peak] tells the most since now.
    static void forgetPeak(int pid) throws IOException {
        Files.writeString(PROC.resolve(pid + "/clear_refs"), "5");
    }

    /// The most that a process ever had resident, in MiB.
    static double peak(int pid) throws IOException {
        return lines(pid, "status").stream()
                        .filter(line -> line.startsWith("VmHWM:"))
                        .mapToLong(Processes::kilobytes)
                        .findFirst()
                        .orElseThrow(() -> new Failure("process " + pid + " has ended"))
                / 1024.0;
    }

    private static long kilobytes(String line) {
        return Long.parseLong(line.replaceAll("\\D", ""));
    }

    /// Does it run a JVM, which can be asked to collect garbage?
    static boolean runsJava(int pid) throws IOException {
        return lines(pid, "maps").stream().anyMatch(line -> line.endsWith("/libjvm.so"));
    }

    /// The lines of a file of a process, none if the process is gone.
    static List<String> lines(int pid, String file) throws IOException {
        try {
            return Files.readAllLines(PROC.resolve(pid + "/" + file));
        } catch (NoSuchFileException gone) {
            return List.of();
        } catch (IOException e) {
            if (Files.exists(PROC.resolve(Integer.toString(pid)))) {
                throw e;
            }
            return List.of(); // ESRCH while it was being read
        }
    }

    private static Optional<Integer> parent(int pid) throws IOException {
        // pid (comm) state ppid ...; comm may hold spaces and parentheses
        return lines(pid, "stat").stream()
                .findFirst()
                .map(s -> Integer.valueOf(s.substring(s.lastIndexOf(')') + 4).split(" ", 2)[0]));
    }

    private static Set<Integer> all() throws IOException {
        var pids = new HashSet<Integer>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path entry : entries) {
                pids.add(Integer.valueOf(entry.getFileName().toString()));
            }
        }
        return pids;
    }

    private static Optional<String> link(Path path) {
        try {
            return Optional.of(Files.readSymbolicLink(path).toString());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}
