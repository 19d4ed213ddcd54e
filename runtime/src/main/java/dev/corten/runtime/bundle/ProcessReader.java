package dev.corten.runtime.bundle;

import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import dev.corten.model.oci.Capabilities;
import dev.corten.model.oci.Capability;
import dev.corten.model.oci.ConsoleSize;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.Rlimit;
import dev.corten.model.oci.User;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/// Reads `process`, of a bundle or of an exec.
public final class ProcessReader {
    private static final int DEFAULT_UMASK = 022;

    private ProcessReader() {}

    public static ProcessSpec read(Value process) {
        if (!process.isPresent()) {
            throw new InvalidParameter(process.place() + " is missing");
        }
        refuseLabels(process);
        LinuxReader.refuse(process.get("scheduler"), "process.scheduler");
        LinuxReader.refuse(process.get("ioPriority"), "process.ioPriority");
        LinuxReader.refuse(process.get("execCPUAffinity"), "process.execCPUAffinity");
        Value size = process.get("consoleSize");
        Value user = process.get("user");
        return new ProcessSpec(
                process.get("terminal").isTrue(),
                new ConsoleSize(size.get("height").integer(), size.get("width").integer()),
                new User(
                        user.get("uid").integer(),
                        user.get("gid").integer(),
                        user.get("additionalGids").list(Value::integer),
                        user.get("umask").findInteger().orElse(DEFAULT_UMASK)),
                process.get("args").texts(),
                process.get("env").texts(),
                PathBytes.of(process.get("cwd").text()),
                capabilities(process.get("capabilities")),
                process.get("rlimits").list(ProcessReader::limit),
                process.get("noNewPrivileges").isTrue(),
                process.get("oomScoreAdj").findInteger(),
                hasAppArmor() ? process.get("apparmorProfile").text() : "");
    }

    private static boolean hasAppArmor() {
        return Files.exists(Path.of("/sys/kernel/security/apparmor"));
    }

    /// Without the security module a label means nothing, as with runc.
    private static void refuseLabels(Value process) {
        if (!process.get("selinuxLabel").text().isEmpty()
                && Files.exists(Path.of("/sys/fs/selinux/enforce"))) {
            LinuxReader.refuse(process.get("selinuxLabel"), "process.selinuxLabel");
        }
    }

    private static Capabilities capabilities(Value sets) {
        return new Capabilities(
                set(sets.get("bounding")),
                set(sets.get("effective")),
                set(sets.get("inheritable")),
                set(sets.get("permitted")),
                set(sets.get("ambient")));
    }

    /// Unknown ones are left out, as runc does with a warning.
    private static Set<Capability> set(Value names) {
        Set<Capability> set = EnumSet.noneOf(Capability.class);
        names.texts().forEach(name -> Capability.find(name).ifPresent(set::add));
        return set;
    }

    private static Rlimit limit(Value limit) {
        String type = limit.get("type").text();
        for (Rlimit.Resource resource : Rlimit.Resource.values()) {
            if (type.equals("RLIMIT_" + resource.name())) {
                return new Rlimit(resource, limit.get("soft").number(), limit.get("hard").number());
            }
        }
        throw new InvalidParameter(limit.place() + ": invalid rlimit type: " + type);
    }
}
