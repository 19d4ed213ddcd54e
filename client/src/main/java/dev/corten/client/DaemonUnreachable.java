package dev.corten.client;

import java.io.IOException;
import java.util.Locale;

/// No daemon answers at its address.
public final class DaemonUnreachable extends IOException {
    private static final long serialVersionUID = 1L;

    private DaemonUnreachable(Dialer dialer, IOException cause) {
        super(message(dialer, cause), cause);
    }

    /// @param cause why a connection could not be opened
    public static DaemonUnreachable at(Dialer dialer, IOException cause) {
        return new DaemonUnreachable(dialer, cause);
    }

    /// A connection was made, but not one that a request could go through.
    ///
    /// @param method of the request
    /// @param url of the request
    DaemonUnreachable(String method, String url, TlsFailure cause) {
        super(
                "error during connect: "
                        + method.charAt(0)
                        + method.substring(1).toLowerCase(Locale.ROOT)
                        + " \""
                        + url
                        + "\": "
                        + cause.getMessage(),
                cause);
    }

    DaemonUnreachable(String message) {
        super(message);
    }

    private static String message(Dialer dialer, IOException cause) {
        String reason = String.valueOf(cause.getMessage());
        if (reason.indexOf("Permission denied") >= 0) {
            return "permission denied while trying to connect to the Corten daemon socket at "
                    + dialer.text();
        }
        if (cause instanceof TlsFailure || reason.indexOf(": ") >= 0) {
            return "error during connect: " + dialer.text() + ": " + reason;
        }
        return "Cannot connect to the Corten daemon at "
                + dialer.text()
                + ". Is the corten daemon running?";
    }
}
