package dev.corten.systests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// An image of this machine's node and npm, and small packages in the place of large ones.
final class NodeImage {
    private NodeImage() {}

    static void load(Engine engine, String name) {
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
                tar -C $root -c . | docker import -c 'ENV PATH=/usr/bin:/bin' -c 'CMD ["node"]' - $2
                rm -rf --one-file-system "$root"
                """;
        var line = List.of("bash", "-c", script, "bash", folder.toString(), name);
        var environment = new java.util.HashMap<>(engine.docker().environment());
        environment.put("PATH", System.getenv("PATH"));
        try (var running = Running.start(line, environment)) {
            running.closeInput();
            running.await().ok();
        }
    }

    /// What stands for `express` and `typescript`: they do what the tutorial's program needs.
    static void packages(Path folder) throws IOException {
        write(
                folder.resolve("express/package.json"),
                "{\"name\":\"express\",\"version\":\"4.19.2\",\"main\":\"index.js\"}\n");
        write(
                folder.resolve("express/index.js"),
                """
                const http = require('http');
                module.exports = () => {
                  const pages = {};
                  return {
                    get(path, text) { pages[path] = text; return this; },
                    listen(port, then) {
                      http.createServer((q, a) => a.end(pages[q.url] || '')).listen(port, then);
                    },
                  };
                };
                """);
        write(
                folder.resolve("typescript/package.json"),
                "{\"name\":\"typescript\",\"version\":\"5.4.5\",\"bin\":{\"tsc\":\"tsc.js\"}}\n");
        write(
                folder.resolve("typescript/tsc.js"),
                """
                #!/usr/bin/env node
                const fs = require('fs');
                fs.mkdirSync('dist', { recursive: true });
                for (const f of fs.readdirSync('src')) {
                  const text = fs.readFileSync('src/' + f, 'utf8').replace(/: (any|number)\\b/g, '');
                  fs.writeFileSync('dist/' + f.replace(/ts$/, 'js'), text);
                }
                """);
        Running.run("chmod", "755", folder.resolve("typescript/tsc.js").toString()).ok();
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
