package dev.corten.engine.container;

import dev.corten.engine.container.view.Usage;
import dev.corten.engine.container.view.UsageReport;
import dev.corten.engine.container.view.WaitResult;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileData;
import dev.corten.model.ContainerId;
import dev.corten.model.container.CgroupStats;
import dev.corten.model.container.ContainerStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What containers use: `stats`.
///
/// Nothing is measured unless somebody asks. The share of a processor needs two measurements; the
/// first of them is kept for a moment, so that who asks again soon need not wait.
public final class Statistics {
    /// The shortest time that says something about the use of a processor.
    private static final Duration WINDOW = Duration.ofMillis(100);

    /// What is older tells of the past, and not of now.
    private static final Duration RECENT = Duration.ofSeconds(2);

    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final int PROC_FILE_MAX = 1 << 20;
    private static final long TICK_NANOS = 10_000_000;

    /// The columns of `/proc/stat` that make up a processor's time: user to softirq.
    private static final int TIME_COLUMNS = 7;

    private final Containers containers;
    private final ContainerGroups groups;
    private final Clock clock;
    private final long hostMemory;
    private final Map<ContainerId, Usage> recent = new ConcurrentHashMap<>();

    public Statistics(Containers containers, ContainerGroups groups, Clock clock)
            throws IOException {
        this.containers = containers;
        this.groups = groups;
        this.clock = clock;
        this.hostMemory = memoryTotal();
    }

    /// Takes reports as they come.
    @FunctionalInterface
    public interface Sink {
        void take(UsageReport report) throws IOException;
    }

    /// One measurement, at once.
    public UsageReport now(String reference) throws IOException {
        Container container = containers.get(reference);
        return report(container, measure(container), Optional.empty());
    }

    /// Two measurements, a moment apart.
    public UsageReport compared(String reference) throws IOException, InterruptedException {
        Container container = containers.get(reference);
        Optional<Usage> first = recent(container);
        if (first.isEmpty()) {
            first = measure(container);
        }
        if (first.isEmpty()) {
            return report(container, first, first);
        }
        Duration left = WINDOW.minus(Duration.between(first.get().at(), clock.instant()));
        if (left.isPositive()) {
            pass(container.await(WaitCondition.NEXT_EXIT), left);
        }
        Optional<Usage> now = measure(container);
        return report(container, now, now.isEmpty() ? now : first);
    }

    /// One report each second until the container is removed or nobody takes them.
    public void follow(String reference, Sink sink) throws IOException, InterruptedException {
        Container container = containers.get(reference);
        Optional<Usage> before = Optional.empty();
        do {
            Optional<Usage> now = measure(container);
            sink.take(report(container, now, before));
            before = now;
        } while (!pass(container.await(WaitCondition.REMOVED), PERIOD));
    }

    private static UsageReport report(
            Container container, Optional<Usage> now, Optional<Usage> before) {
        return new UsageReport(
                container.id,
                container.name(),
                now,
                now.isEmpty() ? Optional.empty() : before.map(b -> b.before(now.get())));
    }

    /// Waits for a time, or until something has happened, which it then says.
    private static boolean pass(CompletableFuture<WaitResult> event, Duration time)
            throws InterruptedException {
        try {
            event.get(time.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a wait never fails", e);
        } finally {
            event.cancel(false);
        }
    }

    // ---------------------------------------------------------------- measuring

    private Optional<Usage> recent(Container container) {
        return container.status() instanceof ContainerStatus.Running running
                ? Optional.ofNullable(recent.get(container.id))
                        .filter(usage -> usage.at().isAfter(running.startedAt()))
                        .filter(usage -> !usage.at().isBefore(clock.instant().minus(RECENT)))
                : Optional.empty();
    }

    /// With each measurement, so that containers that are no more leave nothing here.
    private void forgetOld(Instant now) {
        Instant oldest = now.minus(RECENT);
        recent.values().removeIf(usage -> usage.at().isBefore(oldest));
    }

    private Optional<Usage> measure(Container container) throws IOException {
        if (!(container.status() instanceof ContainerStatus.Running running)) {
            return Optional.empty();
        }
        CgroupStats group = groups.stats(container);
        Instant at = clock.instant();
        HostTime host = hostTime();
        var usage =
                new Usage(
                        at,
                        group,
                        host.nanos,
                        host.processors,
                        Math.min(group.memory().limitBytes(), hostMemory),
                        interfaces(container, running.pid()));
        // What was read of a container that ended meanwhile is nothing, or half of it.
        if (!(container.status() instanceof ContainerStatus.Running after
                && after.startedAt().equals(running.startedAt()))) {
            return Optional.empty();
        }
        forgetOld(at);
        recent.merge(container.id, usage, (old, fresh) -> isStillOfUse(old, fresh) ? old : fresh);
        return Optional.of(usage);
    }

    /// A crowd that asks at once shall not push away what the next one can be compared with.
    private static boolean isStillOfUse(Usage old, Usage fresh) {
        return Duration.between(old.at(), fresh.at()).compareTo(WINDOW) < 0;
    }

    private record HostTime(long nanos, int processors) {}

    private static HostTime hostTime() throws IOException {
        long ticks = 0;
        int processors = 0;
        for (String line : text("/proc/stat").split("\n", -1)) {
            if (line.startsWith("cpu ")) {
                String[] columns = line.substring(4).strip().split(" ", -1);
                for (int i = 0; i < Math.min(TIME_COLUMNS, columns.length); i++) {
                    ticks += Long.parseLong(columns[i]);
                }
            } else if (line.startsWith("cpu")) {
                processors++;
            } else {
                break;
            }
        }
        return new HostTime(ticks * TICK_NANOS, processors);
    }

    private static long memoryTotal() throws IOException {
        for (String line : text("/proc/meminfo").split("\n", -1)) {
            if (line.startsWith("MemTotal:")) {
                String number = line.substring("MemTotal:".length()).strip();
                return Long.parseLong(number.substring(0, number.indexOf(' '))) * 1024;
            }
        }
        throw new IOException("no MemTotal in /proc/meminfo");
    }

    /// Those of the sandbox; others that a privileged program has made are its own affair.
    private static SortedMap<String, Usage.Traffic> interfaces(Container container, int pid)
            throws IOException {
        var interfaces = new TreeMap<String, Usage.Traffic>();
        if (container.sandbox().filter(s -> s.address().isPresent()).isEmpty()) {
            return interfaces;
        }
        try {
            for (String line : text("/proc/" + pid + "/net/dev").split("\n", -1)) {
                int colon = line.indexOf(':');
                if (colon > 0 && line.substring(0, colon).strip().startsWith("eth")) {
                    interfaces.put(
                            line.substring(0, colon).strip(),
                            traffic(line.substring(colon + 1).strip().split(" +", -1)));
                }
            }
        } catch (Errno e) {
            // The process has ended: so has what it used.
            if (!e.isAny(Errno.ENOENT, Errno.ESRCH, Errno.EINVAL)) {
                throw e;
            }
        }
        return interfaces;
    }

    private static Usage.Traffic traffic(String[] columns) {
        var numbers = new long[12];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Long.parseLong(columns[i]);
        }
        return new Usage.Traffic(
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[8],
                numbers[9],
                numbers[10],
                numbers[11]);
    }

    private static String text(String file) throws IOException {
        return new String(
                FileData.readFile(Fd.CWD, file, PROC_FILE_MAX), StandardCharsets.US_ASCII);
    }
}
