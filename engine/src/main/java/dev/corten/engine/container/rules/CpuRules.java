package dev.corten.engine.container.rules;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/// Limits of processors and memory nodes, in the order of Docker's checks.
final class CpuRules {
    private final int processors;
    private final CgroupSupport cgroups;

    CpuRules(int processors, CgroupSupport cgroups) {
        this.processors = processors;
        this.cgroups = cgroups;
    }

    void apply(HostConfig.Editor host, List<String> warnings) {
        realtime(host);
        windowsOnly(host, warnings);
        nano(host);
        shares(host, warnings);
        quota(host, warnings);
        sets(host, warnings);
    }

    private void realtime(HostConfig.Editor host) {
        long period = host.cpuRealtimePeriod;
        long runtime = host.cpuRealtimeRuntime;
        if ((period != 0 || runtime != 0) && !cgroups.cpuRealtime()) {
            throw new InvalidParameter("kernel does not support CPU real-time scheduler");
        }
        if (period != 0 && runtime != 0 && runtime > period) {
            throw new InvalidParameter(
                    "cpu real-time runtime cannot be higher than cpu real-time period");
        }
    }

    private static void windowsOnly(HostConfig.Editor host, List<String> warnings) {
        if (host.ioMaximumBandwidth != 0) {
            throw new InvalidParameter(
                    "invalid option: QoS maximum bandwidth configuration is not supported on"
                            + " linux");
        }
        if (host.ioMaximumIOps != 0) {
            throw new InvalidParameter(
                    "invalid option: QoS maximum IOPs configuration is not supported on linux");
        }
        if (host.cpuPercent > 0) {
            warnings.add("linux does not support CPU percent. Percent discarded.");
            host.cpuPercent = 0;
        }
    }

    private void nano(HostConfig.Editor host) {
        if (host.nanoCpus > 0 && host.cpuPeriod > 0) {
            throw new InvalidParameter(
                    "Conflicting options: Nano CPUs and CPU Period cannot both be set");
        }
        if (host.nanoCpus > 0 && host.cpuQuota > 0) {
            throw new InvalidParameter(
                    "Conflicting options: Nano CPUs and CPU Quota cannot both be set");
        }
        if (host.nanoCpus > 0 && !(cgroups.cpuCfsPeriod() && cgroups.cpuCfsQuota())) {
            throw new InvalidParameter(
                    "NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or"
                            + " the cgroup is not mounted");
        }
        if (host.nanoCpus < 0 || host.nanoCpus > processors * 1_000_000_000L) {
            throw new InvalidParameter(
                    String.format(
                            Locale.ROOT,
                            "range of CPUs is from 0.01 to %d.00, as there are only %d CPUs"
                                    + " available",
                            processors,
                            processors));
        }
    }

    private void shares(HostConfig.Editor host, List<String> warnings) {
        if (host.cpuShares < 0) {
            throw new InvalidParameter(
                    "invalid CPU shares ("
                            + host.cpuShares
                            + "): value must be a positive integer");
        }
        if (host.cpuShares > 0 && !cgroups.cpuShares()) {
            warnings.add(
                    "Your kernel does not support CPU shares or the cgroup is not mounted. Shares"
                            + " discarded.");
            host.cpuShares = 0;
        }
    }

    private void quota(HostConfig.Editor host, List<String> warnings) {
        if ((host.cpuPeriod != 0 || host.cpuQuota != 0)
                && !(cgroups.cpuCfsPeriod() && cgroups.cpuCfsQuota())) {
            warnings.add(
                    "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.");
            host.cpuPeriod = 0;
            host.cpuQuota = 0;
        }
        long period = host.cpuPeriod;
        if (period != 0 && (period < 1000 || period > 1_000_000)) {
            throw new InvalidParameter(
                    "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e."
                            + " 1000000)");
        }
        if (host.cpuQuota > 0 && host.cpuQuota < 1000) {
            throw new InvalidParameter("CPU cfs quota can not be less than 1ms (i.e. 1000)");
        }
    }

    private void sets(HostConfig.Editor host, List<String> warnings) {
        if (!(host.cpusetCpus.isEmpty() && host.cpusetMems.isEmpty()) && !cgroups.cpuset()) {
            warnings.add(
                    "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset"
                            + " discarded.");
            host.cpusetCpus = "";
            host.cpusetMems = "";
        }
        set(host.cpusetCpus, cgroups.processors(), "cpuset cpus", "CPUs");
        set(host.cpusetMems, cgroups.memoryNodes(), "cpuset mems", "memory nodes");
    }

    private static void set(String requested, String available, String option, String what) {
        if (requested.isEmpty()) {
            return;
        }
        BitSet wanted;
        try {
            wanted = NumberList.parse(requested);
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter(
                    "Invalid value " + requested + " for " + option + ": " + e.getMessage(), e);
        }
        wanted.andNot(NumberList.parse(available));
        if (!wanted.isEmpty()) {
            throw new InvalidParameter(
                    "Requested "
                            + what
                            + " are not available - requested "
                            + requested
                            + ", available: "
                            + available);
        }
    }
}
