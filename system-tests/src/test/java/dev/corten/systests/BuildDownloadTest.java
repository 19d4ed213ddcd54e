package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A file that `ADD` fetches is fetched again only if it has changed.
@ExtendWith(BuildEngine.class)
class BuildDownloadTest {
    private static final String OLD = "Mon, 02 Jan 2006 15:04:05 GMT";

    private HttpServer server;
    private final List<Integer> answers = new CopyOnWriteArrayList<>();
    private volatile String content = "one";
    private volatile boolean tagged = true;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String tag = "\"" + content + "\"";
        var asked = exchange.getRequestHeaders();
        var said = exchange.getResponseHeaders();
        boolean same;
        if (tagged) {
            said.set("ETag", tag);
            same = tag.equals(asked.getFirst("If-None-Match"));
        } else {
            said.set("Last-Modified", OLD);
            same = OLD.equals(asked.getFirst("If-Modified-Since"));
        }
        byte[] body = content.getBytes(UTF_8);
        answers.add(same ? 304 : 200);
        try (exchange) {
            exchange.sendResponseHeaders(same ? 304 : 200, same ? -1 : body.length);
            if (!same) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/f";
    }

    private static String built(Engine engine) {
        return engine.docker().ok("run", "--rm", "fetched", "cat", "/f");
    }

    @Test
    @Shows("DF-33")
    void onlyWhatHasChangedIsFetched(Engine engine) {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.dockerfile("FROM busybox", "ADD " + url() + " /f");
            build.build("-t", "fetched").ok();
            build.build("-t", "fetched").ok();
            assertThat(build.said()).contains("CACHED");
            assertThat(built(engine)).isEqualTo("one");
            assertThat(answers).containsExactly(200, 304);
            // What was kept is as good as what was fetched.
            build.build("-t", "fetched", "--no-cache").ok();
            assertThat(built(engine)).isEqualTo("one");
            content = "two";
            build.build("-t", "fetched").ok();
            assertThat(built(engine)).isEqualTo("two");
            engine.kill();
            engine.open();
            build.build("-t", "fetched").ok();
            assertThat(built(engine)).isEqualTo("two");
            assertThat(answers).containsExactly(200, 304, 304, 200, 304);
            // With the cache it goes.
            engine.docker().ok("builder", "prune", "-af");
            build.build("-t", "fetched").ok();
            assertThat(answers).endsWith(304, 200);
            // The checksum is looked at, wherever the file comes from.
            build.dockerfile(
                    "FROM busybox",
                    "ADD --checksum=sha256:" + "0".repeat(64) + " " + url() + " /f");
            assertThat(build.build().status()).isEqualTo(1);
            build.refused("digest mismatch");
            assertThat(answers).endsWith(200, 304);
        }
    }

    @Test
    @Shows("DF-33")
    void timesDoWhereThereAreNoTags(Engine engine) {
        tagged = false;
        try (var build = BuildFolder.of(engine, "docker")) {
            build.dockerfile("FROM busybox", "ADD " + url() + " /f");
            build.build("-t", "fetched").ok();
            build.build("-t", "fetched").ok();
            assertThat(built(engine)).isEqualTo("one");
            assertThat(answers).containsExactly(200, 304);
        }
    }
}
