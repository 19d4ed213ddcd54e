package dev.corten.api;

import dev.corten.api.wire.ApiVersion;
import dev.corten.api.wire.Json;
import dev.corten.http.Exchange;
import dev.corten.http.Handler;
import dev.corten.http.Headers;
import dev.corten.model.Release;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Answers every request: finds the route, checks the version, runs the operation, words the errors.
public final class EngineApi implements Handler {
    private static final System.Logger LOG = System.getLogger(EngineApi.class.getName());

    /// The Docker version that we are compatible with; clients compare it.
    public static final String DOCKER_VERSION = Release.DOCKER_VERSION;

    private static final int UNANSWERED = 0;
    private static final Pattern VERSIONED = Pattern.compile("/v([0-9.]+)(/.*)");
    private static final Headers JSON = Headers.of("Content-Type", "application/json");

    private final List<Route> routes;
    private final ApiMetrics metrics;
    private final ApiVersion oldest;
    private final String server;
    private final String experimental;

    /// @param oldest the version below which requests are refused
    /// @param metrics counts what is asked
    public EngineApi(Services services, ApiVersion oldest, ApiMetrics metrics) {
        this(
                Routes.all(services, oldest),
                oldest,
                services.release().version(),
                services.system().configuration().experimental(),
                metrics);
    }

    EngineApi(
            List<Route> routes,
            ApiVersion oldest,
            String cortenVersion,
            boolean experimental,
            ApiMetrics metrics) {
        this.metrics = metrics;
        this.experimental = Boolean.toString(experimental);
        this.routes = List.copyOf(routes);
        this.oldest = oldest;
        this.server = "Docker/" + DOCKER_VERSION + " Corten/" + cortenVersion + " (linux)";
    }

    @Override
    public void handle(Exchange exchange) throws IOException, InterruptedException {
        LOG.log(System.Logger.Level.DEBUG, () -> "handling " + shown(exchange));
        if (exchange.method().equals("OPTIONS")) {
            exchange.respondEmpty(200, common());
            return;
        }
        String clean = clean(exchange.rawPath());
        if (!clean.equals(exchange.rawPath())) {
            String query = exchange.rawQuery();
            String location = query.isEmpty() ? clean : clean + "?" + query;
            exchange.respondEmpty(301, Headers.of("Location", location));
            return;
        }
        try {
            route(exchange);
        } catch (dev.corten.model.InvalidParameter e) {
            // An escape in the path or the query that says nothing.
            if (exchange.isAnswered()) {
                throw e;
            }
            fail(exchange, common(), e);
        }
    }

    private static String shown(Exchange exchange) {
        String query = exchange.rawQuery().isEmpty() ? "" : "?" + exchange.rawQuery();
        return exchange.method() + " " + exchange.rawPath() + query;
    }

    private void route(Exchange exchange) throws IOException, InterruptedException {
        String path = exchange.path();
        ApiVersion version = ApiVersion.NEWEST;
        Matcher versioned = VERSIONED.matcher(path);
        if (versioned.matches()) {
            version = ApiVersion.parse(versioned.group(1));
            path = versioned.group(2);
        }
        for (Route route : routes) {
            if (!route.method().equals(exchange.method())) {
                continue;
            }
            Optional<Map<String, String>> variables = route.match(path);
            if (variables.isPresent()) {
                if (isSpoken(exchange, version)) {
                    run(route, new Request(exchange, version, variables.get()));
                }
                return;
            }
        }
        exchange.respond(404, JSON, error("page not found"));
    }

    private boolean isSpoken(Exchange exchange, ApiVersion version) {
        String refusal;
        if (version.compareTo(ApiVersion.NEWEST) > 0) {
            refusal =
                    "client version "
                            + version
                            + " is too new. Maximum supported API version is "
                            + ApiVersion.NEWEST;
        } else if (version.compareTo(oldest) < 0) {
            refusal =
                    "client version "
                            + version
                            + " is too old. Minimum supported API version is "
                            + oldest
                            + ", please upgrade your client to a newer version";
        } else {
            return true;
        }
        Headers headers =
                Headers.of(
                        "Api-Version",
                        ApiVersion.NEWEST.toString(),
                        "Ostype",
                        "linux",
                        "Server",
                        server);
        if (version.atLeast(24)) {
            exchange.respond(400, JSON.with(headers), error(refusal));
        } else {
            Headers plain =
                    Headers.of(
                            "Content-Type",
                            "text/plain; charset=utf-8",
                            "X-Content-Type-Options",
                            "nosniff");
            exchange.respond(
                    400, plain.with(headers), (refusal + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return false;
    }

    private void run(Route route, Request request) throws IOException, InterruptedException {
        Exchange exchange = request.exchange();
        long start = System.nanoTime();
        int code = UNANSWERED;
        try {
            Response response = route.operation().answer(request);
            code = response.status();
            metrics.count(route, code, System.nanoTime() - start);
            switch (response) {
                case Response.Whole(int status, Headers headers, byte[] body) ->
                        exchange.respond(status, headers.with(common()), body);
                case Response.Streamed(int status, Headers headers, Response.Body body) -> {
                    var out = new LateStream(() -> exchange.stream(status, headers.with(common())));
                    body.writeTo(out);
                    out.close();
                }
                case Response.Connection(Response.Takeover takeover) ->
                        takeover.on(exchange, common());
            }
        } catch (IOException | InterruptedException e) {
            if (exchange.isAnswered() || exchange.isClosed()) {
                throw e;
            }
            fail(route, code, start, exchange, e);
        } catch (Exception e) {
            if (exchange.isAnswered()) {
                throw new IOException("the answer broke off", e);
            }
            fail(route, code, start, exchange, e);
        }
    }

    private void fail(Route route, int code, long start, Exchange exchange, Exception failure) {
        if (code == UNANSWERED) {
            metrics.count(route, Failures.status(failure), System.nanoTime() - start);
        }
        fail(exchange, common(), failure);
    }

    private static void fail(Exchange exchange, Headers common, Exception failure) {
        int status = Failures.status(failure);
        if (Failures.isUnexpected(failure)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    exchange.method() + " " + exchange.rawPath() + " failed",
                    failure);
        } else if (status == 500) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    () ->
                            exchange.method()
                                    + " "
                                    + exchange.rawPath()
                                    + " failed: "
                                    + Failures.message(failure));
        }
        exchange.respond(status, JSON.with(common), error(Failures.message(failure)));
    }

    private static byte[] error(String message) {
        return Json.object(o -> o.text("message", message)).line();
    }

    /// The lines of every answer of a known route.
    private Headers common() {
        return Headers.of(
                "Api-Version",
                ApiVersion.NEWEST.toString(),
                "Docker-Experimental",
                experimental,
                "Ostype",
                "linux",
                "Server",
                server);
    }

    /// The path without `.`, `..` and empty segments, as Go's router redirects to it.
    static String clean(String path) {
        var kept = new ArrayDeque<String>();
        for (String segment : path.split("/", -1)) {
            switch (segment) {
                case "", "." -> {}
                case ".." -> kept.pollLast();
                default -> kept.addLast(segment);
            }
        }
        String cleaned = "/" + String.join("/", kept);
        return path.endsWith("/") && cleaned.length() > 1 ? cleaned + "/" : cleaned;
    }
}
