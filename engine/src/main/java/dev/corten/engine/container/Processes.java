package dev.corten.engine.container;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.model.Internal;
import dev.corten.model.container.ContainerStatus;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What runs in a container: `top`.
public final class Processes {
    /// What clients ask for when their users ask for nothing.
    private static final String USUAL = "-ef";

    /// What the kernel counts in where programs see it, on all architectures: `USER_HZ`.
    private static final int TICKS = 100;

    private static final int PROC_FILE_MAX = 1 << 20;

    private final Containers containers;
    private final ContainerGroups groups;
    private final ContainerCalls calls;
    private final Clock clock;

    public Processes(
            Containers containers, ContainerGroups groups, ContainerCalls calls, Clock clock) {
        this.containers = containers;
        this.groups = groups;
        this.calls = calls;
        this.clock = clock;
    }

    /// @param arguments for `ps`; empty means `-ef`
    public ProcessTable list(String reference, String arguments) throws IOException {
        PsOutput.check(arguments);
        Container container = containers.get(reference);
        if (!(container.status() instanceof ContainerStatus.Running)) {
            throw Container.notRunning(container);
        }
        List<Integer> pids = groups.pids(container).stream().sorted().toList();
        // The command line of a process lies in its memory, which it may have mapped from anything.
        ProcessTable table =
                arguments.isEmpty() || arguments.equals(USUAL)
                        ? calls.call(container, () -> fullListing(pids), () -> silent(container))
                        : withPs(container, arguments, pids);
        containers.publish(container, "top", Map.of());
        return table;
    }

    // ---------------------------------------------------------------- without ps

    private ProcessTable fullListing(List<Integer> pids) throws IOException {
        Map<Integer, String> names = userNames();
        var listing =
                new FullListing(
                        bootTime(),
                        clock.instant(),
                        ZoneId.systemDefault(),
                        TICKS,
                        uid -> names.getOrDefault(uid, ""),
                        terminal -> Files.exists(Path.of("/dev", terminal)));
        var rows = new ArrayList<List<String>>();
        for (int pid : pids) {
            row(listing, pid).ifPresent(rows::add);
        }
        return new ProcessTable(FullListing.TITLES, rows);
    }

    private static Optional<List<String>> row(FullListing listing, int pid) throws IOException {
        String directory = "/proc/" + pid;
        try {
            // The directory belongs to the effective user.
            int uid = FileCalls.stat(Fd.CWD, directory).uid();
            return listing.row(
                    text(directory + "/stat"),
                    uid,
                    FileData.readFile(Fd.CWD, directory + "/cmdline", PROC_FILE_MAX));
        } catch (Errno e) {
            if (e.isAny(Errno.ENOENT, Errno.ESRCH)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static String text(String file) throws IOException {
        return new String(FileData.readFile(Fd.CWD, file, PROC_FILE_MAX), StandardCharsets.UTF_8);
    }

    private static Instant bootTime() throws IOException {
        for (String line : text("/proc/stat").split("\n", -1)) {
            if (line.startsWith("btime ")) {
                return Instant.ofEpochSecond(Long.parseLong(line.substring(6).strip()));
            }
        }
        throw new IOException("/proc/stat does not tell when the machine was started");
    }

    /// Of the host: that is where `ps` would run.
    private static Map<Integer, String> userNames() throws IOException {
        var names = new HashMap<Integer, String>();
        try {
            for (String line : Files.readAllLines(Path.of("/etc/passwd"))) {
                String[] fields = line.split(":", -1);
                if (fields.length > 2 && fields[2].matches("[0-9]{1,9}")) {
                    names.putIfAbsent(Integer.parseInt(fields[2]), fields[0]);
                }
            }
        } catch (NoSuchFileException _) {
            // A host without names: numbers do.
        }
        return names;
    }

    private static Internal silent(Container container) {
        return new Internal(
                "container " + container.id + " does not let the memory of its processes be read");
    }

    // ---------------------------------------------------------------- with ps

    private ProcessTable withPs(Container container, String arguments, List<Integer> pids)
            throws IOException {
        var running = new AtomicReference<@Nullable Process>();
        try {
            String output =
                    calls.call(
                            container, () -> ps(arguments, pids, running), () -> silent(container));
            return PsOutput.parse(output, Set.copyOf(pids));
        } finally {
            Process left = running.get();
            if (left != null) {
                left.destroyForcibly();
            }
        }
    }

    private static String ps(
            String arguments, List<Integer> pids, AtomicReference<@Nullable Process> running)
            throws IOException {
        var words = new ArrayList<>(List.of(arguments.split(" ", -1)));
        var only = new ArrayList<>(words);
        only.add("-q" + String.join(",", pids.stream().map(String::valueOf).toList()));
        Finished restricted = run(only, running);
        // Some options do not go together with -q.
        Finished finished = restricted.status == 0 ? restricted : run(words, running);
        if (finished.status != 0) {
            String reason = finished.error.lines().findFirst().orElse("");
            throw new Internal(
                    "ps: " + (reason.isEmpty() ? "exit status " + finished.status : reason));
        }
        return finished.output;
    }

    private record Finished(int status, String output, String error) {}

    private static Finished run(List<String> arguments, AtomicReference<@Nullable Process> running)
            throws IOException {
        var command = new ArrayList<>(List.of("ps"));
        command.addAll(arguments);
        Process process;
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException e) {
            throw new Internal("ps: " + e.getMessage(), e);
        }
        running.set(process);
        try {
            process.getOutputStream().close();
            // What ps has to complain about fits into the pipe while its output is read.
            byte[] output = process.getInputStream().readAllBytes();
            byte[] error = process.getErrorStream().readAllBytes();
            return new Finished(
                    process.waitFor(),
                    new String(output, StandardCharsets.UTF_8),
                    new String(error, StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } finally {
            process.destroyForcibly();
            running.set(null);
        }
    }
}
