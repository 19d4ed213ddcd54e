package dev.corten.api;

/// Status lines of heads that are written by hand.
final class StatusLine {
    private StatusLine() {}

    static String of(int status) {
        return switch (status) {
            case 400 -> "400 Bad Request";
            case 403 -> "403 Forbidden";
            case 404 -> "404 Not Found";
            case 409 -> "409 Conflict";
            case 501 -> "501 Not Implemented";
            case 503 -> "503 Service Unavailable";
            default -> "500 Internal Server Error";
        };
    }
}
