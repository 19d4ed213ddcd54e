package dev.corten.store.snapshot;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.mount.Mounts;
import dev.corten.kernel.mount.OverlayMount;
import dev.corten.kernel.namespace.Namespaces;
import dev.corten.model.NotImplemented;
import dev.corten.store.StorageDriver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverlaySnapshotterTest extends SnapshotterContract {
    OverlaySnapshotterTest() {
        super(StorageDriver.OVERLAY);
    }

    @Test
    void fileSystemsThatCannotHoldLayersAreRefusedWithTheReason() throws Exception {
        // An overlay cannot be the upper directory of another.
        for (String name : List.of("low", "high", "work", "data")) {
            Files.createDirectory(dir.resolve(name));
        }
        try (Fd low = FileCalls.openDirectory(dir.resolve("low").toString());
                Fd upper = FileCalls.openDirectory(dir.resolve("high").toString());
                Fd work = FileCalls.openDirectory(dir.resolve("work").toString());
                Fd mount = OverlayMount.writable(List.of(low), upper, work, false).assemble(0)) {
            Namespaces.inNewMountNamespace(() -> {
                Path data = dir.resolve("data");
                Mounts.attach(mount, Fd.CWD, data.toString());
                assertThatThrownBy(() -> new OverlaySnapshotter().check(data))
                        .isInstanceOf(NotImplemented.class)
                        .hasMessage(
                                "file system of "
                                        + data
                                        + " cannot be used for images: it is an overlay itself,"
                                        + " which overlayfs cannot stack on. Choose another data"
                                        + " root, or copies of all files with --storage-driver"
                                        + " vfs");
                new CopySnapshotter().check(data);
                return 0;
            });
        }
    }
}
