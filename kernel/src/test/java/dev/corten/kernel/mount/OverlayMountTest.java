package dev.corten.kernel.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.Directories;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.FileData;
import dev.corten.kernel.file.FileSystemStatus;
import dev.corten.kernel.namespace.NamespaceKind;
import dev.corten.kernel.namespace.Namespaces;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OverlayMountTest {
    @TempDir Path temporary;
    private Fd dir;
    private Fd low;
    private Fd middle;
    private Fd upper;
    private Fd work;

    @BeforeEach
    void layers() throws Exception {
        for (String name : List.of("low", "middle", "upper", "work", "target")) {
            Files.createDirectory(temporary.resolve(name));
        }
        Files.writeString(temporary.resolve("low/a"), "from low");
        Files.writeString(temporary.resolve("low/b"), "from low");
        Files.writeString(temporary.resolve("middle/b"), "from middle");
        dir = FileCalls.openDirectory(temporary.toString());
        low = FileCalls.open(dir, "low", FileCalls.O_PATH);
        middle = FileCalls.open(dir, "middle", FileCalls.O_PATH);
        upper = FileCalls.openDirectory(dir, "upper");
        work = FileCalls.openDirectory(dir, "work");
    }

    @AfterEach
    void close() throws Errno {
        for (Fd fd : List.of(low, middle, upper, work)) {
            fd.close();
        }
        Directories.deleteContents(dir).orThrow();
        dir.close();
    }

    /// The mount is made here and attached in a mount namespace of its own, as a container's is.
    @ParameterizedTest
    @EnumSource(OverlayMount.Way.class)
    void isAttachedInAnotherMountNamespaceOnly(OverlayMount.Way way) throws Exception {
        var overlay = OverlayMount.writable(List.of(middle, low), upper, work, true);
        String target = temporary.resolve("target").toString();
        try (Fd mount = overlay.assemble(way, Mounts.MOUNT_ATTR_NODEV)) {
            assertThat(FileData.statfs(mount).type()).isEqualTo(FileSystemStatus.OVERLAY);
            Namespaces.inNewMountNamespace(() -> {
                Mounts.attach(mount, Fd.CWD, target);
                assertThat(FileData.readFile(Fd.CWD, target + "/a", 100))
                        .asString()
                        .isEqualTo("from low");
                assertThat(FileData.readFile(Fd.CWD, target + "/b", 100))
                        .asString()
                        .isEqualTo("from middle");
                int flags = FileCalls.O_WRONLY | FileCalls.O_CREAT;
                try (Fd file = FileCalls.open(Fd.CWD, target + "/new", flags, 0644)) {
                    FileData.writeFully(file, "new".getBytes(StandardCharsets.UTF_8));
                }
                FileCalls.unlink(Fd.CWD, target + "/a");
                MountInfo info = own(target);
                assertThat(info.type()).isEqualTo("overlay");
                assertThat(info.options()).contains("nodev");
                assertThat(info.superOptions()).contains("volatile");
                return "";
            });
        }
        assertThat(Files.readString(temporary.resolve("upper/new"))).isEqualTo("new");
        assertThat(FileCalls.lstat(dir, "upper/a").isDevice()).isTrue(); // the whiteout
        assertThat(MountInfo.self())
                .noneMatch(mount -> mount.mountPoint().startsWith(temporary.toString()));
    }

    /// The mount at a path in the calling thread's namespace.
    private static MountInfo own(String path) throws java.io.IOException {
        byte[] table = FileData.readFile(Fd.CWD, "/proc/thread-self/mountinfo", 1 << 20);
        return MountInfo.containing(
                MountInfo.parse(table), dev.corten.model.PathBytes.of(path + "/x"));
    }

    @Test
    void theDescriptorCanBeMovedByAnotherProcessInItsNamespace() throws Exception {
        // A process in its own mount namespace: what the thread above cannot show is that the
        // descriptor works across processes and not only across namespaces.
        Process other =
                new ProcessBuilder("unshare", "-m", "--propagation", "private", "sleep", "600")
                        .start();
        try {
            int pid = (int) other.pid();
            Fd mountNamespace = null;
            long deadline = System.nanoTime() + 10_000_000_000L;
            try (Fd mine = Namespaces.own(NamespaceKind.MOUNT)) {
                while (mountNamespace == null && System.nanoTime() < deadline) {
                    Fd theirs = Namespaces.open(pid, NamespaceKind.MOUNT);
                    if (FileCalls.stat(theirs).inode() != FileCalls.stat(mine).inode()) {
                        mountNamespace = theirs;
                    } else {
                        theirs.close();
                        Thread.onSpinWait();
                    }
                }
            }
            assertThat(mountNamespace).isNotNull();
            String target = temporary.resolve("target").toString();
            try (Fd namespace = mountNamespace;
                    Fd mount =
                            OverlayMount.writable(List.of(low), upper, work, false).assemble(0)) {
                Namespaces.in(
                        new Fd[] {namespace},
                        () -> {
                            Mounts.attach(mount, Fd.CWD, target);
                            return "";
                        });
                assertThat(MountInfo.of(pid)).anyMatch(m -> m.mountPoint().is(target));
            }
            assertThat(MountInfo.self()).noneMatch(m -> m.mountPoint().is(target));
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void manyLayersWork() throws Exception {
        var layers = new java.util.ArrayList<Fd>();
        for (int i = 0; i < 127; i++) {
            String name = "layer" + i;
            FileCalls.mkdir(dir, name, 0755);
            layers.add(FileCalls.open(dir, name, FileCalls.O_PATH));
        }
        try (Fd mount = OverlayMount.readOnly(layers).assemble(0);
                Fd old = OverlayMount.readOnly(layers).assemble(OverlayMount.Way.ONE_STRING, 0)) {
            assertThat(FileData.statfs(mount).type()).isEqualTo(FileSystemStatus.OVERLAY);
            assertThat(FileData.statfs(old).type()).isEqualTo(FileSystemStatus.OVERLAY);
        }
        layers.forEach(Fd::close);
    }

    @Test
    void failuresCarryTheKernelsWords() {
        assertThatThrownBy(() -> Mounts.tmpfs("nonsense=1", 0))
                .isInstanceOf(Errno.class)
                .hasMessageContaining("Unknown parameter 'nonsense'");
        assertThatThrownBy(() -> OverlayMount.readOnly(List.of(low)).assemble(0))
                .isInstanceOf(Errno.class)
                .hasMessageContaining("create");
    }

    @Test
    void tmpfsAndAttributes() throws Exception {
        try (Fd mount = Mounts.tmpfs("size=1m,mode=1777", Mounts.MOUNT_ATTR_NOSUID)) {
            assertThat(FileCalls.stat(mount).permissions()).isEqualTo(01777);
            assertThat(FileData.statfs(mount).totalBytes()).isEqualTo(1 << 20);
            Mounts.setAttributes(mount, true, Mounts.MOUNT_ATTR_RDONLY, 0, 0, null);
            assertThatThrownBy(() -> FileCalls.mkdir(mount, "d", 0755))
                    .hasMessageContaining("EROFS");
        }
        assertThatThrownBy(() -> Mounts.mount("tmpfs", "/no/such", "tmpfs", 6, ""))
                .hasMessage("mount tmpfs on /no/such (MS_NOSUID|MS_NODEV): ENOENT");
    }

    @Test
    void mountTableIsDecoded() throws Exception {
        byte[] line =
                ("36 35 98:0 /mnt1 /mnt\\040two\\134 rw,noatime shared:1 master:2 - ext3 /dev/root"
                                + " rw,errors=continue\n")
                        .getBytes(StandardCharsets.UTF_8);
        MountInfo mount = MountInfo.parse(line).getFirst();
        assertThat(mount.mountPoint().toString()).isEqualTo("/mnt two\\");
        assertThat(mount.isShared()).isTrue();
        assertThat(mount.isSlave()).isTrue();
        assertThat(mount.type()).isEqualTo("ext3");
        assertThat(MountInfo.self()).anyMatch(m -> m.mountPoint().is("/"));
    }
}
