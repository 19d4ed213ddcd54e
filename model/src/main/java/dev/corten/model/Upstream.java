package dev.corten.model;

/// Another service, usually a registry, answered with a failure that is passed on with its own
/// status.
public final class Upstream extends CortenException {
    private static final long serialVersionUID = 1L;

    private final int status;

    /// @param status the HTTP status of the other service, 400 to 599
    public Upstream(int status, String message) {
        super(message, null);
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException("not a failure status: " + status);
        }
        this.status = status;
    }

    public int status() {
        return status;
    }
}
