package dev.corten.registry;

import java.util.Map;

/// What a registry answers instead of doing as it was asked.
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;
    private final int status;
    private final transient Object detail;

    public Refusal(ErrorCode code) {
        this(code, code.message());
    }

    public Refusal(ErrorCode code, String message) {
        this(code, code.status(), message, Map.of());
    }

    private Refusal(ErrorCode code, int status, String message, Object detail) {
        super(message, null, false, false);
        this.code = code;
        this.status = status;
        this.detail = detail;
    }

    /// The same with another HTTP status than the code's own.
    public Refusal withStatus(int other) {
        return new Refusal(code, other, message(), detail);
    }

    /// The same with what it is about, as JSON knows it.
    public Refusal with(Object about) {
        return new Refusal(code, status, message(), about);
    }

    public ErrorCode code() {
        return code;
    }

    public int status() {
        return status;
    }

    /// An empty map if there is none.
    public Object detail() {
        return detail;
    }

    public String message() {
        String message = getMessage();
        return message == null ? code.message() : message;
    }
}
