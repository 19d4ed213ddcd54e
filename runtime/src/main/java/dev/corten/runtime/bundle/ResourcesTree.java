package dev.corten.runtime.bundle;

import static dev.corten.runtime.bundle.SpecTree.putIf;

import dev.corten.model.oci.Resources;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `linux.resources`; what is not set is left out.
final class ResourcesTree {
    private ResourcesTree() {}

    static Map<String, @Nullable Object> of(Resources resources) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("devices", resources.devices().stream().map(SpecTree::rule).toList());
        putIf(tree, "memory", memory(resources.memory()));
        putIf(tree, "cpu", cpu(resources.cpu()));
        if (resources.pidsLimit() != 0) {
            tree.put("pids", Map.of("limit", resources.pidsLimit()));
        }
        putIf(tree, "blockIO", blockIo(resources.blockIo()));
        putIf(
                tree,
                "hugepageLimits",
                resources.hugepages().stream()
                        .map(limit ->
                                Map.<String, Object>of(
                                        "pageSize", limit.pageSize(),
                                        "limit", limit.limitBytes()))
                        .toList());
        putIf(tree, "unified", resources.unified());
        return tree;
    }

    private static Map<String, @Nullable Object> memory(Resources.Memory memory) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        putIf(tree, "limit", memory.limitBytes());
        putIf(tree, "reservation", memory.reservationBytes());
        putIf(tree, "swap", memory.swapBytes());
        putIf(tree, "kernelTCP", memory.kernelTcpBytes());
        memory.swappiness().ifPresent(swappiness -> tree.put("swappiness", swappiness));
        putIf(tree, "disableOOMKiller", memory.disableOomKiller());
        return tree;
    }

    private static Map<String, @Nullable Object> cpu(Resources.Cpu cpu) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        putIf(tree, "shares", cpu.shares());
        putIf(tree, "quota", cpu.quotaMicros());
        putIf(tree, "period", cpu.periodMicros());
        putIf(tree, "burst", cpu.burstMicros());
        putIf(tree, "realtimeRuntime", cpu.realtimeRuntimeMicros());
        putIf(tree, "realtimePeriod", cpu.realtimePeriodMicros());
        putIf(tree, "cpus", cpu.cpus());
        putIf(tree, "mems", cpu.mems());
        return tree;
    }

    private static Map<String, @Nullable Object> blockIo(Resources.BlockIo io) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        putIf(tree, "weight", io.weight());
        putIf(
                tree,
                "weightDevice",
                io.weightDevices().stream()
                        .map(device ->
                                Map.<String, Object>of(
                                        "major", device.major(),
                                        "minor", device.minor(),
                                        "weight", device.weight()))
                        .toList());
        putIf(tree, "throttleReadBpsDevice", throttles(io.readBytes()));
        putIf(tree, "throttleWriteBpsDevice", throttles(io.writeBytes()));
        putIf(tree, "throttleReadIOPSDevice", throttles(io.readOperations()));
        putIf(tree, "throttleWriteIOPSDevice", throttles(io.writeOperations()));
        return tree;
    }

    private static List<Map<String, Object>> throttles(List<Resources.Throttle> throttles) {
        return throttles.stream()
                .map(throttle ->
                        Map.<String, Object>of(
                                "major", throttle.major(),
                                "minor", throttle.minor(),
                                "rate", throttle.rate()))
                .toList();
    }
}
