package dev.corten.registry.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.http.Exchange;
import dev.corten.http.Handler;
import dev.corten.http.Headers;
import dev.corten.store.document.Json;
import java.util.Map;
import java.util.Optional;

/// What `http.debug.addr` serves: health and metrics. It belongs on an address that strangers do not
/// reach.
final class DebugPages implements Handler {
    private final Health health;
    private final ServerMetrics metrics;
    private final Optional<String> metricsPath;

    DebugPages(Health health, ServerMetrics metrics, Optional<String> metricsPath) {
        this.health = health;
        this.metrics = metrics;
        this.metricsPath = metricsPath;
    }

    @Override
    public void handle(Exchange exchange) {
        String path = exchange.rawPath();
        if (path.equals("/debug/health")) {
            Map<String, String> problems = health.problems();
            exchange.respond(
                    problems.isEmpty() ? 200 : 503,
                    Headers.of("Content-Type", "application/json; charset=utf-8"),
                    Json.MAPPER.writeValueAsBytes(problems));
        } else if (metricsPath.filter(path::equals).isPresent()) {
            exchange.respond(200, Headers.of("Content-Type", ServerMetrics.TYPE), metrics.text());
        } else {
            exchange.respond(
                    404,
                    Headers.of("Content-Type", "text/plain; charset=utf-8"),
                    "404 page not found\n".getBytes(UTF_8));
        }
    }
}
