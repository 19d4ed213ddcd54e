package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A registry that answers as a test has it answer: with lies, for the most part.
final class ScriptedRegistry implements AutoCloseable {
    /// @param headers of the request
    record Seen(String method, String path, Headers headers) {
        boolean isBlob() {
            return path.contains("/blobs/");
        }

        boolean hasCredentials() {
            return headers.containsKey("Authorization");
        }
    }

    interface Handler {
        void answer(HttpExchange exchange) throws IOException;
    }

    private record Rule(Pattern path, Handler handler) {}

    private record Document(String type, byte[] bytes) {}

    private final HttpServer server;

    /// The server of the JDK waits for the end of a TLS handshake's first line.
    private final @Nullable FaultProxy front;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Document> documents = new ConcurrentHashMap<>();
    private final List<Rule> rules = new CopyOnWriteArrayList<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    private ScriptedRegistry(HttpServer server, boolean behindFront) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        front =
                behindFront
                        ? FaultProxy.before("127.0.0.1:" + server.getAddress().getPort())
                        : null;
    }

    static ScriptedRegistry open() {
        try {
            return new ScriptedRegistry(HttpServer.create(address(0), 0), true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Answers `200 {}` to everything, as [StubServer] does.
    static ScriptedRegistry stub(int port) {
        try {
            return new ScriptedRegistry(HttpServer.create(address(port), 0), false)
                    .on("", e -> answer(e, 200, "application/json", "{}".getBytes(UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param host an address of this machine
    static ScriptedRegistry openTls(String host, int port, SSLContext context) {
        try {
            var server =
                    HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral(host), port), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(context));
            return new ScriptedRegistry(server, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InetSocketAddress address(int port) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
    }

    String host() {
        InetSocketAddress address = server.getAddress();
        return front != null
                ? front.host()
                : address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    // ---- what it has

    /// @param path below `/v2/`
    ScriptedRegistry has(String path, String type, byte[] bytes) {
        documents.put("/v2/" + path, new Document(type, bytes));
        return this;
    }

    /// A blob under any digest, true or not.
    ScriptedRegistry blob(String repository, String digest, byte[] bytes) {
        return has(repository + "/blobs/" + digest, "application/octet-stream", bytes);
    }

    ScriptedRegistry manifest(String repository, String reference, String type, String json) {
        byte[] bytes = json.getBytes(UTF_8);
        has(repository + "/manifests/sha256:" + Image.sha256(bytes), type, bytes);
        return has(repository + "/manifests/" + reference, type, bytes);
    }

    /// All of an image.
    ScriptedRegistry image(String repository, String reference, Published image) {
        blob(repository, image.id(), image.configuration().getBytes(UTF_8));
        image.layers().forEach(layer -> blob(repository, layer.digest(), layer.blob()));
        return manifest(repository, reference, image.manifestType(), image.manifest());
    }

    /// How paths like this are answered, whatever it has. A later rule goes before an earlier one.
    ScriptedRegistry on(String path, Handler handler) {
        rules.addFirst(new Rule(Pattern.compile(path), handler));
        return this;
    }

    // ---- what it was asked

    List<Seen> seen() {
        return List.copyOf(seen);
    }

    long count(Predicate<Seen> which) {
        return seen.stream().filter(which).count();
    }

    // ---- how it works

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().toString();
        var headers = new Headers();
        headers.putAll(exchange.getRequestHeaders());
        seen.add(new Seen(exchange.getRequestMethod(), path, headers));
        try (exchange) {
            for (Rule rule : rules) {
                if (rule.path().matcher(path).find()) {
                    rule.handler().answer(exchange);
                    return;
                }
            }
            byDefault(exchange);
        }
    }

    /// As an honest registry does.
    void byDefault(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/v2/")) {
            answer(exchange, 200, "application/json", "{}".getBytes(UTF_8));
            return;
        }
        Document document = documents.get(path);
        if (document == null) {
            String code = path.contains("/manifests/") ? "MANIFEST_UNKNOWN" : "BLOB_UNKNOWN";
            error(exchange, 404, code, code.toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
            return;
        }
        if (path.contains("/manifests/")) {
            exchange.getResponseHeaders()
                    .set("Docker-Content-Digest", "sha256:" + Image.sha256(document.bytes()));
        }
        answer(exchange, 200, document.type(), document.bytes());
    }

    /// Answers as another registry does.
    static void forward(HttpExchange exchange, String host) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        var headers = new ArrayList<String>();
        for (String name : List.of("Content-Type", "Accept", "Range", "Content-Range")) {
            List<String> values = exchange.getRequestHeaders().get(name);
            if (values != null) {
                headers.addAll(List.of(name, String.join(",", values)));
            }
        }
        var answer =
                new RegistryApi("http://" + host)
                        .call(
                                exchange.getRequestMethod(),
                                exchange.getRequestURI().toString(),
                                body,
                                headers.toArray(String[]::new));
        answer.response()
                .headers()
                .map()
                .forEach((name, values) -> {
                    if (!name.equalsIgnoreCase("content-length") && !name.startsWith(":")) {
                        exchange.getResponseHeaders().put(name, List.copyOf(values));
                    }
                });
        String location = exchange.getResponseHeaders().getFirst("Location");
        if (location != null && location.startsWith("http")) {
            exchange.getResponseHeaders()
                    .set("Location", location.substring(location.indexOf("/v2/")));
        }
        String length = answer.header("Content-Length");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", length);
            exchange.sendResponseHeaders(answer.status(), -1);
        } else {
            exchange.sendResponseHeaders(
                    answer.status(), answer.body().length == 0 ? -1 : answer.body().length);
            exchange.getResponseBody().write(answer.body());
        }
    }

    static void error(HttpExchange exchange, int status, String code, String message)
            throws IOException {
        String json =
                "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\"}]}".formatted(code, message);
        answer(exchange, status, "application/json", json.getBytes(UTF_8));
    }

    static void answer(HttpExchange exchange, int status, String type, byte[] bytes)
            throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.getResponseHeaders().set("Docker-Distribution-Api-Version", "registry/2.0");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        if (front != null) {
            front.close();
        }
        server.stop(0);
        threads.shutdownNow();
    }
}
