package dev.corten.kernel.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.mount.MountInfo;
import dev.corten.model.oci.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which files of version 2 are written, on files that are no kernel's. That the kernel takes it is
/// shown in the virtual machine.
class VersionTwoTest {
    @TempDir Path root;

    private CgroupTree tree;

    @BeforeEach
    void mount() throws IOException {
        file("cgroup.controllers", "cpuset cpu io memory pids\n");
        file("cgroup.procs", "");
        String line = "32 31 0:29 / " + root + " rw - cgroup2 cgroup2 rw\n";
        tree = CgroupTree.of(MountInfo.parse(line.getBytes(StandardCharsets.UTF_8)));
    }

    private void file(String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private String text(String name) throws IOException {
        return Files.readString(root.resolve(name));
    }

    private static Resources memory(long limit, long swap) {
        var memory = new Resources.Memory(limit, 0, swap, 0, OptionalInt.empty(), false);
        return new Resources(
                memory,
                Resources.Cpu.NONE,
                0,
                Resources.BlockIo.NONE,
                List.of(),
                List.of(),
                Map.of());
    }

    @Test
    void controllersAreHandedDownFromTheRootAlsoWhereTheParentIsThereAlready() throws IOException {
        for (String group : List.of("cgroup.subtree_control", "ours/cgroup.subtree_control")) {
            file(group, "");
        }
        tree.create("/ours/one");
        assertThat(text("cgroup.subtree_control")).isNotEmpty();
        assertThat(text("ours/cgroup.subtree_control")).isNotEmpty();
        assertThat(root.resolve("ours/one")).isDirectory();
    }

    @Test
    void onlySwapThatIsLimitedHasToBeCounted() throws IOException {
        file("ours/one/memory.max", "");
        Cgroup group = tree.open("/ours/one");
        group.apply(memory(1 << 20, -1));
        group.apply(memory(1 << 20, 1 << 20));
        assertThat(text("ours/one/memory.max")).isEqualTo("1048576");
        assertThatThrownBy(() -> group.apply(memory(1 << 20, 2 << 20)))
                .isInstanceOf(LimitRefused.class)
                .hasMessageContaining("memory.swap.max");
        file("ours/one/memory.swap.max", "");
        group.apply(memory(1 << 20, 3 << 20));
        assertThat(text("ours/one/memory.swap.max")).isEqualTo("2097152");
    }

    @Test
    void theMachinesRootKeepsItsProcesses() throws IOException {
        file("cgroup.procs", "1\n");
        assertThat(tree.vacateRoot()).isFalse();
        assertThat(root.resolve("init")).doesNotExist();
    }
}
