package dev.corten.registry.server.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.http.Exchange;
import dev.corten.http.Headers;
import dev.corten.registry.Refusal;
import dev.corten.registry.server.access.Challenge;
import dev.corten.registry.server.event.EventRequest;
import dev.corten.store.document.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One request with what all answers have in common, and what the log says of the answer.
final class Call {
    private static final Headers JSON =
            Headers.of("Content-Type", "application/json; charset=utf-8");

    private final Exchange exchange;
    private Headers common;
    private final boolean relative;
    private final String host;
    private String user = "";
    private int status;
    private long bytes;

    /// @param common lines of every answer
    /// @param relative whether locations have no scheme and host
    /// @param host what clients see as scheme and host; `""` for what they ask for
    Call(Exchange exchange, Headers common, boolean relative, String host) {
        this.exchange = exchange;
        this.common = common;
        this.relative = relative;
        this.host = host;
    }

    /// Adds lines to the answer.
    void add(Headers lines) {
        common = common.with(lines);
    }

    Exchange exchange() {
        return exchange;
    }

    String method() {
        return exchange.method();
    }

    Headers headers() {
        return exchange.headers();
    }

    String user() {
        return user;
    }

    void setUser(String name) {
        user = name;
    }

    /// The status of the answer, 0 before it.
    int status() {
        return status;
    }

    /// The bytes of the answer's body.
    long bytes() {
        return bytes;
    }

    void respond(int answer, Headers lines, byte[] content) {
        status = answer;
        bytes = method().equals("HEAD") ? 0 : content.length;
        exchange.respond(answer, common.with(lines), content);
    }

    void empty(int answer, Headers lines) {
        respond(answer, lines, new byte[0]);
    }

    void file(int answer, Headers lines, FileChannel file, long offset, long length)
            throws IOException {
        status = answer;
        bytes = method().equals("HEAD") ? 0 : length;
        exchange.respondFile(answer, common.with(lines), file, offset, length);
    }

    OutputStream stream(int answer, Headers lines, long length) {
        status = answer;
        bytes = method().equals("HEAD") ? 0 : length;
        return exchange.stream(answer, common.with(lines), length);
    }

    void head(int answer, Headers lines, long length) {
        status = answer;
        exchange.respondHead(answer, common.with(lines), length);
    }

    void json(int answer, Headers lines, Object document) {
        respond(answer, JSON.with(lines), bytesOf(document));
    }

    void refuse(Refusal refusal) {
        refuse(refusal, Headers.none());
    }

    void refuse(Refusal refusal, Headers lines) {
        var error = new LinkedHashMap<String, Object>();
        error.put("code", refusal.code().name());
        error.put("message", refusal.message());
        if (!refusal.detail().equals(Map.of())) {
            error.put("detail", refusal.detail());
        }
        json(refusal.status(), lines, Map.of("errors", List.of(error)));
    }

    static Headers challenge(Challenge challenge) {
        return Headers.of("WWW-Authenticate", challenge.header());
    }

    /// Where something of this registry is to be found.
    String location(String path) {
        return relative ? path : base() + path;
    }

    /// Scheme and host as the client sees them, also through a proxy.
    String base() {
        if (!host.isEmpty()) {
            return host;
        }
        String scheme = first("X-Forwarded-Proto", exchange.isEncrypted() ? "https" : "http");
        return scheme + "://" + first("X-Forwarded-Host", first("Host", "localhost"));
    }

    private String first(String header, String otherwise) {
        String value = headers().first(header);
        return value == null || value.isBlank() ? otherwise : value.split(",", -1)[0].strip();
    }

    /// As notifications tell of it.
    EventRequest asEvent() {
        return new EventRequest(
                java.util.UUID.randomUUID().toString(),
                exchange.remote(),
                first("Host", ""),
                method(),
                first("User-Agent", ""),
                user);
    }

    /// As Go's encoder writes it: with a line's end.
    static byte[] bytesOf(Object document) {
        return (Json.MAPPER.writeValueAsString(document) + "\n").getBytes(UTF_8);
    }
}
