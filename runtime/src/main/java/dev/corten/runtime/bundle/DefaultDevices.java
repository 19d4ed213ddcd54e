package dev.corten.runtime.bundle;

import dev.corten.model.oci.Device;
import dev.corten.model.oci.DeviceRule;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// The devices that every container has, whoever asks for it.
public final class DefaultDevices {
    public static final List<Device> ALL =
            List.of(
                    new Device("/dev/null", 'c', 1, 3, 0666),
                    new Device("/dev/zero", 'c', 1, 5, 0666),
                    new Device("/dev/full", 'c', 1, 7, 0666),
                    new Device("/dev/random", 'c', 1, 8, 0666),
                    new Device("/dev/urandom", 'c', 1, 9, 0666),
                    new Device("/dev/tty", 'c', 5, 0, 0666));

    private DefaultDevices() {}

    /// What every container may do with devices; to be preceded by a rule that refuses all.
    public static List<DeviceRule> rules() {
        var rules = new ArrayList<DeviceRule>();
        rules.add(new DeviceRule(true, 'c', OptionalLong.empty(), OptionalLong.empty(), "m"));
        rules.add(new DeviceRule(true, 'b', OptionalLong.empty(), OptionalLong.empty(), "m"));
        for (Device device : ALL) {
            rules.add(
                    new DeviceRule(
                            true,
                            device.type(),
                            OptionalLong.of(device.major()),
                            OptionalLong.of(device.minor()),
                            "rwm"));
        }
        rules.add(character(5, OptionalLong.of(1)));
        rules.add(character(5, OptionalLong.of(2)));
        rules.add(character(136, OptionalLong.empty()));
        return rules;
    }

    private static DeviceRule character(long major, OptionalLong minor) {
        return new DeviceRule(true, 'c', OptionalLong.of(major), minor, "rwm");
    }
}
