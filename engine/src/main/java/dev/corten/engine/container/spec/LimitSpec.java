package dev.corten.engine.container.spec;

import dev.corten.model.Internal;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.ThrottleDevice;
import dev.corten.model.container.Ulimit;
import dev.corten.model.container.WeightDevice;
import dev.corten.model.oci.Resources;
import dev.corten.model.oci.Rlimit;
import dev.corten.runtime.SpecRequest;
import dev.corten.runtime.StartFailure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// What a container may use of the host, in the words of the OCI runtime specification.
public final class LimitSpec {
    private static final int DEFAULT_CPU_PERIOD_MICROS = 100_000;

    private LimitSpec() {}

    /// @param cgroupsPath of the container's group
    public static SpecRequest.Limits of(HostConfig host, String cgroupsPath) throws IOException {
        return new SpecRequest.Limits(
                resources(host),
                HostDevices.rules(host),
                rlimits(host),
                host.sysctls() == null ? Map.of() : host.sysctls(),
                host.oomScoreAdj() == 0 ? OptionalInt.empty() : OptionalInt.of(host.oomScoreAdj()),
                cgroupsPath,
                Optional.ofNullable(host.rdtClass()));
    }

    private static List<Rlimit> rlimits(HostConfig host) {
        var rlimits = new ArrayList<Rlimit>();
        if (host.ulimits() != null) {
            for (Ulimit ulimit : host.ulimits()) {
                rlimits.add(new Rlimit(resource(ulimit.name()), ulimit.soft(), ulimit.hard()));
            }
        }
        return rlimits;
    }

    private static Rlimit.Resource resource(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        try {
            return Rlimit.Resource.valueOf(upper);
        } catch (IllegalArgumentException e) {
            throw new Internal(StartFailure.RUNC_PREFIX + "wrong rlimit value: RLIMIT_" + upper, e);
        }
    }

    public static Resources resources(HostConfig host) throws IOException {
        return new Resources(
                memory(host),
                cpu(host),
                pids(host.pidsLimit()),
                blockIo(host),
                List.of(),
                List.of(),
                host.cgroupConf() == null ? Map.of() : host.cgroupConf());
    }

    private static Resources.Memory memory(HostConfig host) {
        Long swappiness = host.memorySwappiness();
        return new Resources.Memory(
                host.memory(),
                Math.max(0, host.memoryReservation()),
                Math.max(-1, host.memorySwap()),
                0,
                swappiness == null ? OptionalInt.empty() : OptionalInt.of(swappiness.intValue()),
                Boolean.TRUE.equals(host.oomKillDisable()));
    }

    private static Resources.Cpu cpu(HostConfig host) {
        long period = host.cpuPeriod();
        long quota = host.cpuQuota();
        if (host.nanoCpus() > 0) {
            period = DEFAULT_CPU_PERIOD_MICROS;
            quota = host.nanoCpus() * DEFAULT_CPU_PERIOD_MICROS / 1_000_000_000L;
        }
        return new Resources.Cpu(
                host.cpuShares(),
                quota,
                period,
                0,
                host.cpuRealtimeRuntime(),
                host.cpuRealtimePeriod(),
                host.cpusetCpus(),
                host.cpusetMems());
    }

    /// An update to no limit leaves a zero.
    private static long pids(@Nullable Long limit) {
        if (limit == null) {
            return 0;
        }
        return limit <= 0 ? -1 : limit;
    }

    private static Resources.BlockIo blockIo(HostConfig host) throws IOException {
        var weights = new ArrayList<Resources.WeightDevice>();
        if (host.blkioWeightDevice() != null) {
            for (WeightDevice device : host.blkioWeightDevice()) {
                weights.add(HostDevices.weight(device));
            }
        }
        return new Resources.BlockIo(
                host.blkioWeight(),
                weights,
                throttles(host.blkioDeviceReadBps()),
                throttles(host.blkioDeviceWriteBps()),
                throttles(host.blkioDeviceReadIOps()),
                throttles(host.blkioDeviceWriteIOps()));
    }

    private static List<Resources.Throttle> throttles(@Nullable List<ThrottleDevice> devices)
            throws IOException {
        if (devices == null || devices.isEmpty()) {
            return List.of();
        }
        var throttles = new ArrayList<Resources.Throttle>();
        for (ThrottleDevice device : devices) {
            throttles.add(HostDevices.throttle(device));
        }
        return throttles;
    }
}
