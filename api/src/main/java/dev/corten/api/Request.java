package dev.corten.api;

import dev.corten.api.wire.ApiVersion;
import dev.corten.api.wire.Filters;
import dev.corten.api.wire.JsonInput;
import dev.corten.http.Exchange;
import dev.corten.http.Headers;
import dev.corten.http.Query;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A request that has found its route.
final class Request {
    /// More than any description of a container needs.
    private static final int MAX_JSON = 4 << 20;

    private static final List<String> FALSE_WORDS = List.of("", "0", "no", "false", "none");

    private final Exchange exchange;
    private final ApiVersion version;
    private final Map<String, String> variables;
    private final Query query;

    Request(Exchange exchange, ApiVersion version, Map<String, String> variables) {
        this.exchange = exchange;
        this.version = version;
        this.variables = variables;
        this.query = exchange.query();
    }

    ApiVersion version() {
        return version;
    }

    Exchange exchange() {
        return exchange;
    }

    Headers headers() {
        return exchange.headers();
    }

    /// A part of the path.
    String variable(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no variable " + name);
        }
        return value;
    }

    /// The container, image, … that the path names.
    String name() {
        return variable("name");
    }

    Query query() {
        return query;
    }

    /// A query parameter, `""` if absent.
    String text(String name) {
        return query.text(name);
    }

    Optional<String> optional(String name) {
        return Optional.ofNullable(query.first(name)).filter(value -> !value.isEmpty());
    }

    /// A query parameter as Docker reads truth: everything is true but a few words.
    boolean flag(String name) {
        return isTrue(text(name));
    }

    boolean flag(String name, boolean otherwise) {
        return query.has(name) ? flag(name) : otherwise;
    }

    static boolean isTrue(String word) {
        return !FALSE_WORDS.contains(word.strip().toLowerCase(Locale.ROOT));
    }

    Filters filters() {
        return Filters.parse(text("filters"));
    }

    InputStream body() {
        return exchange.body();
    }

    /// The body, a JSON object. An absent one is an object without members.
    JsonInput json() throws IOException {
        return hasNoBody()
                ? JsonInput.parse("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                : requiredJson();
    }

    /// The body, a JSON object, which must be there.
    JsonInput requiredJson() throws IOException {
        checkContentType();
        byte[] body = exchange.body().readNBytes(MAX_JSON + 1);
        if (body.length > MAX_JSON) {
            throw new InvalidParameter(
                    "invalid JSON: the request body is larger than " + MAX_JSON + " bytes");
        }
        return JsonInput.parse(body);
    }

    private boolean hasNoBody() {
        String length = headers().first("Content-Length");
        return !headers().has("Transfer-Encoding") && (length == null || length.equals("0"));
    }

    private void checkContentType() {
        String type = headers().first("Content-Type");
        if (type == null || type.isEmpty()) {
            if (hasNoBody()) {
                return;
            }
            throw new InvalidParameter("malformed Content-Type header (): mime: no media type");
        }
        int semicolon = type.indexOf(';');
        String media = (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
        if (media.equalsIgnoreCase("application/json")) {
            return;
        }
        if (media.isEmpty() || media.indexOf(' ') >= 0) {
            throw new InvalidParameter("malformed Content-Type header (" + type + ")");
        }
        throw new InvalidParameter(
                "unsupported Content-Type header ("
                        + media.toLowerCase(Locale.ROOT)
                        + "): must be 'application/json'");
    }
}
