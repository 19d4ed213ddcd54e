package dev.corten.registry.client;

import dev.corten.model.CortenException;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Unauthorized;
import dev.corten.model.Upstream;
import dev.corten.store.document.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// That a registry refused, in the words that Docker has for it.
class RegistryFailure extends IOException {
    private static final long serialVersionUID = 1L;

    static final String DENIED = "DENIED";
    static final String UNAUTHORIZED = "UNAUTHORIZED";
    static final String MANIFEST_UNKNOWN = "MANIFEST_UNKNOWN";
    static final String NAME_UNKNOWN = "NAME_UNKNOWN";

    private static final String TOO_MANY = "TOOMANYREQUESTS";

    private static final int LIMIT = 64 << 10;
    private static final Map<Integer, String> REASONS =
            Map.ofEntries(
                    Map.entry(400, "Bad Request"),
                    Map.entry(401, "Unauthorized"),
                    Map.entry(403, "Forbidden"),
                    Map.entry(404, "Not Found"),
                    Map.entry(405, "Method Not Allowed"),
                    Map.entry(413, "Request Entity Too Large"),
                    Map.entry(416, "Requested Range Not Satisfiable"),
                    Map.entry(429, "Too Many Requests"),
                    Map.entry(500, "Internal Server Error"),
                    Map.entry(501, "Not Implemented"),
                    Map.entry(502, "Bad Gateway"),
                    Map.entry(503, "Service Unavailable"),
                    Map.entry(504, "Gateway Timeout"),
                    Map.entry(507, "Insufficient Storage"));

    private final int status;
    private final String code;

    /// Not serialised: it is looked at right after the failure.
    private final transient Optional<Duration> retryAfter;

    /// @param code of the distribution specification, `""` if the registry gave none
    RegistryFailure(int status, String code, String message, Optional<Duration> retryAfter) {
        super(message);
        this.status = status;
        this.code = code;
        this.retryAfter = retryAfter;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    String message() {
        return String.valueOf(getMessage());
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /// Whether the same request may succeed a little later.
    boolean passing() {
        return status == 429 || status >= 500 && status != 501 && status != 507;
    }

    /// The same, said of another request: the one that needed it.
    RegistryFailure in(String message) {
        var wrapped = new RegistryFailure(status, code, message, retryAfter);
        wrapped.initCause(this);
        return wrapped;
    }

    /// Before [#in].
    RegistryFailure bare() {
        return getCause() instanceof RegistryFailure inner ? inner : this;
    }

    /// What the engine's callers get: Docker's daemon answers so too.
    CortenException translated() {
        return switch (code) {
            case UNAUTHORIZED -> new Unauthorized(message(), this);
            case TOO_MANY -> new Upstream(429, message());
            default -> new Internal(message(), this);
        };
    }

    private static String or(String text, String otherwise) {
        return text.isBlank() ? otherwise : text;
    }

    static String reason(int status) {
        return (status + " " + REASONS.getOrDefault(status, "")).strip();
    }

    /// Reads what an answer says of its failure.
    static RegistryFailure of(Answer answer) throws IOException {
        int status = answer.status();
        Optional<Duration> after = answer.header("Retry-After").flatMap(RegistryFailure::delay);
        if (status < 400 || status >= 500) {
            return new RegistryFailure(
                    status, "", "received unexpected HTTP status: " + reason(status), after);
        }
        var said = new ArrayList<Said>();
        for (Challenge challenge : Challenge.parse(answer.all("WWW-Authenticate"))) {
            if (challenge.scheme().equals("bearer")) {
                ofToken(challenge).ifPresent(said::add);
            }
        }
        byte[] body = answer.body().readNBytes(LIMIT);
        List<Said> inBody = ofBody(status, body);
        for (Said one : inBody) {
            if (!said.contains(one)) {
                said.add(one);
            }
        }
        if (!said.isEmpty()) {
            String message =
                    said.size() == 1
                            ? said.getFirst().text()
                            : "errors:\n"
                                    + String.join("\n", said.stream().map(Said::text).toList())
                                    + "\n";
            return new RegistryFailure(status, said.getFirst().code(), message, after);
        }
        String text = new String(body, StandardCharsets.UTF_8);
        Said usual =
                switch (status) {
                    case 401 -> new Said(UNAUTHORIZED, or(text, "authentication required"));
                    case 403 -> new Said(DENIED, or(text, "requested access is denied"));
                    case 429 -> new Said(TOO_MANY, or(text, "too many requests"));
                    default -> new Said("", "");
                };
        if (!usual.code().isEmpty()) {
            return new RegistryFailure(status, usual.code(), usual.text(), after);
        }
        return new RegistryFailure(
                status,
                "",
                "error parsing HTTP "
                        + status
                        + " response body: no error details found in HTTP response body: "
                        + quoted(text),
                after);
    }

    private record Said(String code, String message) {
        String text() {
            return code.toLowerCase(Locale.ROOT).replace('_', ' ') + ": " + message;
        }
    }

    private static Optional<Said> ofToken(Challenge challenge) {
        String description = challenge.parameter("error_description");
        return switch (challenge.parameter("error")) {
            case "invalid_token" ->
                    Optional.of(
                            new Said(
                                    UNAUTHORIZED,
                                    description.isEmpty()
                                            ? "authentication required"
                                            : description));
            case "insufficient_scope" ->
                    Optional.of(
                            new Said(
                                    DENIED,
                                    description.isEmpty()
                                            ? "requested access to the resource is denied"
                                            : description));
            default -> Optional.empty();
        };
    }

    private static List<Said> ofBody(int status, byte[] body) {
        var said = new ArrayList<Said>();
        try {
            Json json = Json.parse("error", body).requireObject();
            String details = json.text("details");
            if (!details.isEmpty() && status == 401) {
                return List.of(new Said(UNAUTHORIZED, details));
            }
            for (Json error : json.member("errors").map(Json::elements).orElse(List.of())) {
                String code = error.text("code");
                String message = error.text("message");
                said.add(
                        new Said(
                                code, message.isEmpty() ? code.toLowerCase(Locale.ROOT) : message));
            }
        } catch (InvalidParameter e) {
            // No JSON, or of another shape: the text itself is shown then.
            return List.of();
        }
        return said;
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    private static Optional<Duration> delay(String retryAfter) {
        try {
            return Optional.of(Duration.ofSeconds(Math.max(0, Long.parseLong(retryAfter.strip()))));
        } catch (NumberFormatException e) {
            return date(retryAfter);
        }
    }

    private static Optional<Duration> date(String retryAfter) {
        try {
            Instant then =
                    Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(retryAfter.strip()));
            Duration delay = Duration.between(Instant.now(), then);
            return Optional.of(delay.isNegative() ? Duration.ZERO : delay);
        } catch (DateTimeParseException e) {
            // Neither seconds nor a date: as if it had said nothing.
            return Optional.empty();
        }
    }
}
