package dev.corten.systests;

import java.nio.file.Path;
import java.util.List;

/// An image of this machine's node and npm.
final class NodeImage {
    private NodeImage() {}

    /// @param registry that its npm asks
    static void load(Engine engine, String name, String registry) {
        Path folder = engine.scratch("node-image");
        String script =
                """
                set -e
                root=$1
                mkdir -p $root/bin $root/usr/bin $root/usr/lib $root/tmp $root/root $root/etc $root/lib64
                cp /bin/busybox $root/bin
                for a in sh cat ls env mkdir cp rm sed grep; do ln -sf busybox $root/bin/$a; done
                cp -L "$(command -v node)" $root/usr/bin/node
                ldd $root/usr/bin/node | grep -o '/[^ ]*' | while read -r l; do
                    mkdir -p "$root$(dirname "$l")"; cp -L "$l" "$root$l"
                done
                mkdir -p $root/usr/lib/node_modules
                cp -a "$(dirname "$(readlink -f "$(command -v npm)")")/.." $root/usr/lib/node_modules/npm
                ln -s ../lib/node_modules/npm/bin/npm-cli.js $root/usr/bin/npm
                ln -s /bin/busybox $root/usr/bin/env
                echo root:x:0:0::/root:/bin/sh >$root/etc/passwd
                tar -C $root -c . | docker import -c 'ENV PATH=/usr/bin:/bin' \
                    -c "ENV NPM_CONFIG_REGISTRY=$3" -c 'CMD ["node"]' - $2
                rm -rf --one-file-system "$root"
                """;
        var line = List.of("bash", "-c", script, "bash", folder.toString(), name, registry);
        var environment = new java.util.HashMap<>(engine.docker().environment());
        environment.put("PATH", System.getenv("PATH"));
        try (var running = Running.start(line, environment)) {
            running.closeInput();
            running.await().ok();
        }
    }
}
