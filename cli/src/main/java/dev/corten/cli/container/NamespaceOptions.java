package dev.corten.cli.container;

import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.Flags;

/// `--pid`, `--uts`, `--userns` and `--cgroupns`.
final class NamespaceOptions {
    private NamespaceOptions() {}

    /// The modes of namespaces that the API would take for something else.
    ///
    /// @throws Refusal for another mode
    static void check(Flags flags) {
        String pid = flags.text("pid");
        boolean container = pid.startsWith("container:") && pid.length() > "container:".length();
        if (!pid.isEmpty() && !pid.equals("host") && !container) {
            throw new Refusal("--pid: invalid PID mode");
        }
        hostOnly(flags, "uts", "UTS");
        hostOnly(flags, "userns", "USER");
        String cgroup = flags.text("cgroupns");
        if (!cgroup.isEmpty() && !cgroup.equals("host") && !cgroup.equals("private")) {
            throw new Refusal("--cgroupns: invalid CGROUP mode");
        }
    }

    private static void hostOnly(Flags flags, String flag, String name) {
        String mode = flags.text(flag);
        if (!mode.isEmpty() && !mode.equals("host")) {
            throw new Refusal("--" + flag + ": invalid " + name + " mode");
        }
    }
}
