package dev.corten.runtime.command;

import dev.corten.model.oci.Capability;
import dev.corten.model.oci.Seccomp;
import dev.corten.model.oci.Spec;
import dev.corten.runtime.bundle.Document;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `features`: what of the specification is here.
record FeaturesCommand(PrintStream out) {
    private static final List<String> MOUNT_OPTIONS =
            List.of(
                    "async",
                    "atime",
                    "bind",
                    "defaults",
                    "dev",
                    "diratime",
                    "exec",
                    "noatime",
                    "nodev",
                    "nodiratime",
                    "noexec",
                    "norelatime",
                    "nosuid",
                    "nosymfollow",
                    "private",
                    "ratime",
                    "rbind",
                    "rdev",
                    "rdiratime",
                    "relatime",
                    "rexec",
                    "rnoatime",
                    "rnodev",
                    "rnodiratime",
                    "rnoexec",
                    "rnosuid",
                    "rprivate",
                    "rrelatime",
                    "rro",
                    "rrw",
                    "rshared",
                    "rslave",
                    "rstrictatime",
                    "rsuid",
                    "runbindable",
                    "ro",
                    "rw",
                    "shared",
                    "slave",
                    "strictatime",
                    "suid",
                    "symfollow",
                    "unbindable");

    void run() {
        var linux = new LinkedHashMap<String, @Nullable Object>();
        linux.put("namespaces", List.of("cgroup", "ipc", "mount", "network", "pid", "uts"));
        linux.put(
                "capabilities",
                Arrays.stream(Capability.values()).map(Capability::specName).toList());
        linux.put(
                "cgroup",
                Map.of(
                        "v1",
                        true,
                        "v2",
                        true,
                        "systemd",
                        false,
                        "systemdUser",
                        false,
                        "rdma",
                        false));
        linux.put(
                "seccomp",
                Map.of(
                        "enabled",
                        true,
                        "actions",
                        Arrays.stream(Seccomp.Action.values())
                                .filter(action -> action != Seccomp.Action.NOTIFY)
                                .map(Seccomp.Action::specName)
                                .toList(),
                        "operators",
                        Arrays.stream(Seccomp.Operator.values())
                                .map(Seccomp.Operator::specName)
                                .toList(),
                        "archs",
                        List.of(
                                "SCMP_ARCH_AARCH64",
                                "SCMP_ARCH_ARM",
                                "SCMP_ARCH_X86",
                                "SCMP_ARCH_X86_64"),
                        "supportedFlags",
                        List.of("SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW")));
        linux.put("apparmor", Map.of("enabled", false));
        linux.put("selinux", Map.of("enabled", false));
        linux.put("intelRdt", Map.of("enabled", false));
        var features = new LinkedHashMap<String, @Nullable Object>();
        features.put("ociVersionMin", "1.0.0");
        features.put("ociVersionMax", Spec.VERSION);
        features.put(
                "hooks",
                List.of(
                        "prestart",
                        "createRuntime",
                        "createContainer",
                        "startContainer",
                        "poststart",
                        "poststop"));
        features.put("mountOptions", MOUNT_OPTIONS);
        features.put("linux", linux);
        features.put("annotations", Map.of("dev.corten.runtime.version", Main.VERSION));
        features.put("potentiallyUnsafeConfigAnnotations", List.of());
        out.println(new String(Document.write(features), StandardCharsets.UTF_8));
    }
}
