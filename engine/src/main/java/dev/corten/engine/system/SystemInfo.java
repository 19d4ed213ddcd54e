package dev.corten.engine.system;

import dev.corten.engine.container.view.ContainerCounts;
import dev.corten.engine.event.Events;
import dev.corten.engine.image.Images;
import dev.corten.store.Durable;
import dev.corten.store.StorageDriver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Collects what the engine knows of itself and of the host.
public final class SystemInfo {
    private final Path dataRoot;
    private final String id;
    private final Supplier<ContainerCounts> containers;
    private final Images images;
    private final Events events;
    private final StorageDriver driver;
    private final CgroupSupport cgroups;
    private final Supplier<Configuration> configuration;
    private final Clock clock;

    /// guarded by this; found at the first question, because trying takes its time
    private @Nullable OverlayFacts overlay;

    public SystemInfo(
            Path dataRoot,
            String id,
            Supplier<ContainerCounts> containers,
            Images images,
            Events events,
            StorageDriver driver,
            CgroupSupport cgroups,
            Supplier<Configuration> configuration,
            Clock clock) {
        this.dataRoot = dataRoot;
        this.id = id;
        this.containers = containers;
        this.images = images;
        this.events = events;
        this.driver = driver;
        this.cgroups = cgroups;
        this.configuration = configuration;
        this.clock = clock;
    }

    /// The ID of the data root's engine, made at first use.
    public static String engineId(Path dataRoot, Durable durable) throws IOException {
        Path file = dataRoot.resolve("engine-id");
        try {
            return Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            String fresh = UUID.randomUUID().toString();
            durable.write(file, fresh.getBytes(StandardCharsets.US_ASCII), Durable.Sync.NOW);
            return fresh;
        }
    }

    public EngineInfo info() throws IOException {
        ContainerCounts counts = containers.get();
        Configuration settings = configuration.get();
        return new EngineInfo(
                id,
                counts.running() + counts.paused() + counts.stopped(),
                counts.running(),
                counts.paused(),
                counts.stopped(),
                images.list().size(),
                driver.toString(),
                driver == StorageDriver.OVERLAY ? overlay().rows() : List.of(),
                cgroups,
                line(Path.of("/proc/sys/net/ipv4/ip_forward")).equals("1"),
                entries("/proc/self/fd"),
                entries("/proc/self/task"),
                events.listeners(),
                clock.instant(),
                kernelVersion(),
                osRelease("PRETTY_NAME", "Linux"),
                osRelease("VERSION_ID", ""),
                machine(),
                Runtime.getRuntime().availableProcessors(),
                memTotal(),
                dataRoot.toString(),
                hostName(),
                warnings(settings),
                settings);
    }

    /// `uname -r`.
    public static String kernelVersion() throws IOException {
        return line(Path.of("/proc/sys/kernel/osrelease"));
    }

    private static String machine() {
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> "x86_64";
            case String other -> other;
        };
    }

    private synchronized OverlayFacts overlay() throws IOException {
        if (overlay == null) {
            overlay = OverlayFacts.of(dataRoot);
        }
        return overlay;
    }

    /// What the settings say at this moment.
    public Configuration configuration() {
        return configuration.get();
    }

    /// The engine's ID.
    public String id() {
        return id;
    }

    private static int entries(String directory) throws IOException {
        try (var entries = Files.list(Path.of(directory))) {
            return (int) entries.count();
        }
    }

    private static long memTotal() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                String number = line.substring("MemTotal:".length()).strip();
                return Long.parseLong(number.substring(0, number.indexOf(' '))) * 1024;
            }
        }
        throw new IOException("no MemTotal in /proc/meminfo");
    }

    private static String osRelease(String key, String otherwise) throws IOException {
        try {
            for (String line : Files.readAllLines(Path.of("/etc/os-release"))) {
                if (line.startsWith(key + "=")) {
                    return line.substring(key.length() + 1).replace("\"", "");
                }
            }
        } catch (NoSuchFileException e) {
            return otherwise;
        }
        return otherwise;
    }

    /// The name of this host.
    public static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private List<String> warnings(Configuration settings) {
        var warnings = new ArrayList<String>(settings.warnings());
        if (!cgroups.memoryLimit()) {
            warnings.add("WARNING: No memory limit support");
        }
        if (!cgroups.swapLimit()) {
            warnings.add("WARNING: No swap limit support");
        }
        if (!cgroups.cpuShares()) {
            warnings.add("WARNING: No cpu shares support");
        }
        if (!cgroups.cpuset()) {
            warnings.add("WARNING: No cpuset support");
        }
        if (!cgroups.pidsLimit()) {
            warnings.add("WARNING: No pids limit support");
        }
        if (!settings.seccompProfile().equals("builtin")) {
            warnings.add("WARNING: daemon is not using the default seccomp profile");
        }
        return warnings;
    }

    private static String line(Path file) throws IOException {
        return Files.readString(file).strip();
    }
}
