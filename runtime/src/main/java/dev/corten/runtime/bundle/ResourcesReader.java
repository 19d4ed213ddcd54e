package dev.corten.runtime.bundle;

import dev.corten.model.oci.DeviceRule;
import dev.corten.model.oci.Resources;
import java.util.List;
import java.util.OptionalLong;

/// Reads `linux.resources`, of a bundle or of an update.
public final class ResourcesReader {
    private ResourcesReader() {}

    public static Resources read(Value resources) {
        Value memory = resources.get("memory");
        Value cpu = resources.get("cpu");
        Value io = resources.get("blockIO");
        return new Resources(
                new Resources.Memory(
                        memory.get("limit").number(),
                        memory.get("reservation").number(),
                        memory.get("swap").number(),
                        memory.get("kernelTCP").number(),
                        memory.get("swappiness").findInteger(),
                        memory.get("disableOOMKiller").isTrue()),
                new Resources.Cpu(
                        cpu.get("shares").number(),
                        cpu.get("quota").number(),
                        cpu.get("period").number(),
                        cpu.get("burst").number(),
                        cpu.get("realtimeRuntime").number(),
                        cpu.get("realtimePeriod").number(),
                        cpu.get("cpus").text(),
                        cpu.get("mems").text()),
                resources.get("pids").get("limit").number(),
                new Resources.BlockIo(
                        io.get("weight").integer(),
                        io.get("weightDevice").list(ResourcesReader::weight),
                        throttles(io, "throttleReadBpsDevice"),
                        throttles(io, "throttleWriteBpsDevice"),
                        throttles(io, "throttleReadIOPSDevice"),
                        throttles(io, "throttleWriteIOPSDevice")),
                resources
                        .get("hugepageLimits")
                        .list(limit ->
                                new Resources.HugepageLimit(
                                        limit.get("pageSize").text(), limit.get("limit").number())),
                resources.get("devices").list(ResourcesReader::rule),
                resources.get("unified").textMap());
    }

    static Resources withDevices(Resources resources, List<DeviceRule> rules) {
        return new Resources(
                resources.memory(),
                resources.cpu(),
                resources.pidsLimit(),
                resources.blockIo(),
                resources.hugepages(),
                rules,
                resources.unified());
    }

    private static Resources.WeightDevice weight(Value device) {
        return new Resources.WeightDevice(
                device.get("major").number(),
                device.get("minor").number(),
                device.get("weight").integer());
    }

    private static List<Resources.Throttle> throttles(Value io, String name) {
        return io.get(name)
                .list(device ->
                        new Resources.Throttle(
                                device.get("major").number(),
                                device.get("minor").number(),
                                device.get("rate").number()));
    }

    private static DeviceRule rule(Value rule) {
        String type = rule.get("type").text();
        String access = rule.get("access").text();
        return new DeviceRule(
                rule.get("allow").isTrue(),
                type.isEmpty() ? 'a' : type.charAt(0),
                number(rule.get("major")),
                number(rule.get("minor")),
                access.isEmpty() ? "rwm" : access);
    }

    private static OptionalLong number(Value number) {
        return number.isPresent() && number.number() >= 0
                ? OptionalLong.of(number.number())
                : OptionalLong.empty();
    }
}
