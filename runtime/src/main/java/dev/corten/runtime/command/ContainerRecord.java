package dev.corten.runtime.command;

import dev.corten.kernel.cgroup.Cgroup;
import dev.corten.kernel.cgroup.CgroupTree;
import dev.corten.kernel.process.Pidfd;
import dev.corten.kernel.process.ProcessIdentity;
import dev.corten.runtime.bundle.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is kept of a container.
///
/// @param version of the specification that its bundle follows
/// @param created in RFC 3339
record ContainerRecord(
        String id,
        String version,
        String bundle,
        String rootfs,
        String created,
        String cgroup,
        ProcessIdentity init,
        Map<String, String> annotations) {
    /// What a container does, in the specification's words.
    enum Status {
        CREATED,
        RUNNING,
        PAUSED,
        STOPPED;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static ContainerRecord read(Value state) {
        return new ContainerRecord(
                state.get("id").text(),
                state.get("version").text(),
                state.get("bundle").text(),
                state.get("rootfs").text(),
                state.get("created").text(),
                state.get("cgroup").text(),
                new ProcessIdentity(
                        state.get("boot").text(),
                        state.get("pid").integer(),
                        state.get("startTicks").number()),
                state.get("annotations").textMap());
    }

    Map<String, @Nullable Object> tree() {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("format", 1);
        tree.put("id", id);
        tree.put("version", version);
        tree.put("bundle", bundle);
        tree.put("rootfs", rootfs);
        tree.put("created", created);
        tree.put("cgroup", cgroup);
        tree.put("boot", init.bootId());
        tree.put("pid", init.pid());
        tree.put("startTicks", init.startTicks());
        tree.put("annotations", annotations);
        return tree;
    }

    Status status(Place place) throws IOException {
        if (!init.isAlive()) {
            return Status.STOPPED;
        }
        if (Files.exists(place.gate(id))) {
            return Status.CREATED;
        }
        Cgroup group = group();
        return group.exists() && group.isFrozen() ? Status.PAUSED : Status.RUNNING;
    }

    Cgroup group() throws IOException {
        return CgroupTree.detect().open(cgroup);
    }

    /// Its first process, if that lives.
    Optional<Pidfd> process() throws IOException {
        return Pidfd.open(init);
    }

    Pidfd runningProcess() throws IOException, Failure {
        return process().orElseThrow(() -> new Failure("container not running"));
    }

    /// What hooks and `state` are told.
    Map<String, @Nullable Object> state(String status) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        tree.put("ociVersion", version);
        tree.put("id", id);
        tree.put("pid", status.equals("stopped") ? 0 : init.pid());
        tree.put("status", status);
        tree.put("bundle", bundle);
        return tree;
    }

    /// As runc's `state` and `list` have it.
    Map<String, @Nullable Object> listed(Place place) throws IOException {
        Map<String, @Nullable Object> tree = state(status(place).word());
        tree.put("rootfs", rootfs);
        tree.put("created", created);
        if (!annotations.isEmpty()) {
            tree.put("annotations", annotations);
        }
        tree.put("owner", "");
        return tree;
    }
}
