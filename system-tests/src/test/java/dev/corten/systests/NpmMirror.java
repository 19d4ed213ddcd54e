package dev.corten.systests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A registry of npm with the packages that `packaging/prepare` has fetched, for the builds of one
/// engine: whoever has a `package-lock.json` asks it for archives only.
final class NpmMirror implements AutoCloseable {
    private static final Path FOLDER = Path.of("../target/npm-mirror").toAbsolutePath().normalize();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private NpmMirror(HttpServer server) {
        this.server = server;
    }

    /// At the address of the engine's bridge, where its builds find it.
    static NpmMirror of(Engine engine) {
        Machine.hasNpmMirror(FOLDER);
        try {
            var address = new InetSocketAddress(engine.bridgeAddress(), 0);
            var mirror = new NpmMirror(HttpServer.create(address, 0));
            mirror.server.setExecutor(mirror.threads);
            mirror.server.createContext("/", NpmMirror::answer);
            mirror.server.start();
            return mirror;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What npm is told.
    String url() {
        return "http://%s:%d/"
                .formatted(
                        server.getAddress().getAddress().getHostAddress(),
                        server.getAddress().getPort());
    }

    /// `package.json` or `package-lock.json` of the tutorial's application, as npm has written it.
    static String ofApplication(String name) throws IOException {
        return Files.readString(FOLDER.resolve("app").resolve(name));
    }

    /// `/@types/node/-/node-20.14.10.tgz`, which npm packs as `types-node-20.14.10.tgz`.
    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String[] names = exchange.getRequestURI().getPath().substring(1).split("/-/");
            Path archive =
                    names.length == 2 && !names[1].contains("/")
                            ? FOLDER.resolve("packages").resolve(packed(names[0], names[1]))
                            : FOLDER.resolve("none");
            if (!Files.isRegularFile(archive)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.sendResponseHeaders(200, Files.size(archive));
            try (OutputStream out = exchange.getResponseBody()) {
                Files.copy(archive, out);
            }
        }
    }

    private static String packed(String name, String file) {
        return name.startsWith("@") ? name.substring(1, name.indexOf('/')) + "-" + file : file;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
