package dev.corten.runtime.bundle;

import dev.corten.model.oci.Capability;
import dev.corten.model.oci.Device;
import dev.corten.model.oci.DeviceRule;
import dev.corten.model.oci.Linux;
import dev.corten.model.oci.Mount;
import dev.corten.model.oci.Namespace;
import dev.corten.model.oci.ProcessSpec;
import dev.corten.model.oci.Seccomp;
import dev.corten.model.oci.Spec;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A specification as `config.json` has it, for other runtimes: what [BundleReader] reads.
public final class SpecTree {
    private SpecTree() {}

    public static Map<String, @Nullable Object> of(Spec spec) {
        var root = new LinkedHashMap<String, @Nullable Object>();
        root.put("path", spec.root().path().toString());
        putIf(root, "readonly", spec.root().readonly());
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("ociVersion", Spec.VERSION);
        tree.put("process", process(spec.process()));
        tree.put("root", root);
        putIf(tree, "hostname", spec.hostname());
        putIf(tree, "domainname", spec.domainname());
        tree.put("mounts", spec.mounts().stream().map(SpecTree::mount).toList());
        tree.put("linux", linux(spec.linux()));
        putIf(tree, "annotations", spec.annotations());
        return tree;
    }

    /// `process`, which is also what an exec gives.
    public static Map<String, @Nullable Object> process(ProcessSpec process) {
        var user = new LinkedHashMap<String, @Nullable Object>();
        user.put("uid", process.user().uid());
        user.put("gid", process.user().gid());
        user.put("umask", process.user().umask());
        putIf(user, "additionalGids", process.user().additionalGids());
        var tree = new LinkedHashMap<String, @Nullable Object>();
        putIf(tree, "terminal", process.terminal());
        if (process.consoleSize().rows() > 0) {
            tree.put(
                    "consoleSize",
                    Map.of(
                            "height", process.consoleSize().rows(),
                            "width", process.consoleSize().columns()));
        }
        tree.put("user", user);
        tree.put("args", process.args());
        tree.put("env", process.env());
        tree.put("cwd", process.cwd().toString());
        var sets = new LinkedHashMap<String, @Nullable Object>();
        sets.put("bounding", names(process.capabilities().bounding()));
        sets.put("effective", names(process.capabilities().effective()));
        putIf(sets, "inheritable", names(process.capabilities().inheritable()));
        sets.put("permitted", names(process.capabilities().permitted()));
        putIf(sets, "ambient", names(process.capabilities().ambient()));
        tree.put("capabilities", sets);
        putIf(
                tree,
                "rlimits",
                process.rlimits().stream()
                        .map(limit ->
                                Map.<String, Object>of(
                                        "type",
                                        "RLIMIT_" + limit.resource().name(),
                                        "soft",
                                        unsigned(limit.soft()),
                                        "hard",
                                        unsigned(limit.hard())))
                        .toList());
        putIf(tree, "noNewPrivileges", process.noNewPrivileges());
        putIf(tree, "apparmorProfile", process.apparmorProfile());
        if (process.oomScoreAdj().isPresent()) {
            tree.put("oomScoreAdj", process.oomScoreAdj().getAsInt());
        }
        return tree;
    }

    /// Without limit is the largest number of 64 bits.
    private static java.math.BigDecimal unsigned(long value) {
        return new java.math.BigDecimal(Long.toUnsignedString(value));
    }

    private static List<String> names(Set<Capability> set) {
        return set.stream().sorted().map(Capability::specName).toList();
    }

    private static Map<String, @Nullable Object> mount(Mount mount) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("destination", mount.destination().toString());
        tree.put("type", mount.type());
        tree.put("source", mount.source().toString());
        putIf(tree, "options", mount.options());
        return tree;
    }

    private static Map<String, @Nullable Object> linux(Linux linux) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("namespaces", linux.namespaces().stream().map(SpecTree::namespace).toList());
        tree.put("devices", linux.devices().stream().map(SpecTree::device).toList());
        tree.put("resources", ResourcesTree.of(linux.resources()));
        tree.put("cgroupsPath", linux.cgroupsPath());
        putIf(tree, "sysctl", linux.sysctl());
        linux.seccomp().ifPresent(seccomp -> tree.put("seccomp", seccomp(seccomp)));
        putIf(tree, "maskedPaths", linux.maskedPaths().stream().map(Object::toString).toList());
        putIf(tree, "readonlyPaths", linux.readonlyPaths().stream().map(Object::toString).toList());
        tree.put(
                "rootfsPropagation",
                "r" + linux.rootfsPropagation().name().toLowerCase(Locale.ROOT));
        linux.rdtClass().ifPresent(name -> tree.put("intelRdt", Map.of("closID", name)));
        return tree;
    }

    private static Map<String, @Nullable Object> namespace(Namespace namespace) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put(
                "type",
                switch (namespace.type()) {
                    case NETWORK -> "network";
                    case MOUNT -> "mount";
                    default -> namespace.type().file();
                });
        namespace.path().ifPresent(path -> tree.put("path", path));
        return tree;
    }

    private static Map<String, @Nullable Object> device(Device device) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("path", device.path().toString());
        tree.put("type", String.valueOf(device.type()));
        tree.put("major", device.major());
        tree.put("minor", device.minor());
        tree.put("fileMode", device.mode());
        tree.put("uid", device.uid());
        tree.put("gid", device.gid());
        return tree;
    }

    static Map<String, @Nullable Object> rule(DeviceRule rule) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("allow", rule.allow());
        tree.put("type", String.valueOf(rule.type()));
        rule.major().ifPresent(major -> tree.put("major", major));
        rule.minor().ifPresent(minor -> tree.put("minor", minor));
        tree.put("access", rule.access());
        return tree;
    }

    private static Map<String, @Nullable Object> seccomp(Seccomp seccomp) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("defaultAction", seccomp.defaultAction().specName());
        if (seccomp.defaultAction() == Seccomp.Action.ERRNO) {
            tree.put("defaultErrnoRet", seccomp.defaultErrno());
        }
        putIf(tree, "architectures", seccomp.architectures());
        putIf(tree, "flags", seccomp.flags());
        tree.put("syscalls", seccomp.rules().stream().map(SpecTree::syscalls).toList());
        return tree;
    }

    private static Map<String, @Nullable Object> syscalls(Seccomp.Rule rule) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("names", rule.names());
        tree.put("action", rule.action().specName());
        if (rule.action() == Seccomp.Action.ERRNO || rule.action() == Seccomp.Action.TRACE) {
            tree.put("errnoRet", rule.errno());
        }
        putIf(
                tree,
                "args",
                rule.conditions().stream()
                        .map(condition ->
                                Map.<String, Object>of(
                                        "index", condition.index(),
                                        "op", condition.operator().specName(),
                                        "value", unsigned(condition.value()),
                                        "valueTwo", unsigned(condition.valueTwo())))
                        .toList());
        return tree;
    }

    static void putIf(Map<String, @Nullable Object> tree, String name, Object value) {
        boolean nothing =
                switch (value) {
                    case String text -> text.isEmpty();
                    case Boolean flag -> !flag;
                    case Number number -> number.longValue() == 0;
                    case Collection<?> items -> items.isEmpty();
                    case Map<?, ?> members -> members.isEmpty();
                    default -> false;
                };
        if (!nothing) {
            tree.put(name, value);
        }
    }
}
