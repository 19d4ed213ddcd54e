package dev.corten.engine.container.rules;

import dev.corten.engine.system.CgroupSupport;
import dev.corten.model.InvalidParameter;
import dev.corten.model.container.HostConfig;
import dev.corten.model.container.ThrottleDevice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Limits of the traffic with disks.
final class BlockIoRules {
    private static final int MIN_WEIGHT = 10;
    private static final int MAX_WEIGHT = 1000;

    private final CgroupSupport.BlockIo support;

    BlockIoRules(CgroupSupport.BlockIo support) {
        this.support = support;
    }

    void apply(HostConfig.Editor host, List<String> warnings) {
        if (host.blkioWeight > 0 && !support.weight()) {
            warnings.add(
                    "Your kernel does not support Block I/O weight or the cgroup is not mounted."
                            + " Weight discarded.");
            host.blkioWeight = 0;
        }
        if (host.blkioWeight != 0
                && (host.blkioWeight < MIN_WEIGHT || host.blkioWeight > MAX_WEIGHT)) {
            throw new InvalidParameter("Range of blkio weight is from 10 to 1000");
        }
        if (host.blkioWeightDevice != null
                && !host.blkioWeightDevice.isEmpty()
                && !support.weightDevice()) {
            warnings.add(
                    "Your kernel does not support Block I/O weight_device or the cgroup is not"
                            + " mounted. Weight-device discarded.");
            host.blkioWeightDevice = List.of();
        }
        host.blkioDeviceReadBps =
                rates(host.blkioDeviceReadBps, support.readBytes(), "BPS", "read", warnings);
        host.blkioDeviceWriteBps =
                rates(host.blkioDeviceWriteBps, support.writeBytes(), "BPS", "write", warnings);
        host.blkioDeviceReadIOps =
                rates(host.blkioDeviceReadIOps, support.readOperations(), "IOPS", "read", warnings);
        host.blkioDeviceWriteIOps =
                rates(
                        host.blkioDeviceWriteIOps,
                        support.writeOperations(),
                        "IOPS",
                        "write",
                        warnings);
    }

    private static @Nullable List<ThrottleDevice> rates(
            @Nullable List<ThrottleDevice> asked,
            boolean supported,
            String unit,
            String direction,
            List<String> warnings) {
        if (asked == null || asked.isEmpty() || supported) {
            return asked;
        }
        warnings.add(
                "Your kernel does not support "
                        + (unit.equals("BPS") ? "BPS Block I/O " : "IOPS Block ")
                        + direction
                        + " limit or the cgroup is not mounted. Block I/O "
                        + unit
                        + " "
                        + direction
                        + " limit discarded.");
        return List.of();
    }
}
