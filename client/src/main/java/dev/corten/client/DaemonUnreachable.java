package dev.corten.client;

import java.io.IOException;

/// No daemon answers at the endpoint.
public final class DaemonUnreachable extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Endpoint endpoint;

    DaemonUnreachable(Endpoint endpoint, IOException cause) {
        super(message(endpoint, cause), cause);
        this.endpoint = endpoint;
    }

    private static String message(Endpoint endpoint, IOException cause) {
        String reason = String.valueOf(cause.getMessage());
        if (reason.indexOf("Permission denied") >= 0) {
            return "permission denied while trying to connect to the Corten daemon socket at "
                    + endpoint.text();
        }
        return "Cannot connect to the Corten daemon at "
                + endpoint.text()
                + ". Is the corten daemon running?";
    }

    public Endpoint endpoint() {
        return endpoint;
    }
}
