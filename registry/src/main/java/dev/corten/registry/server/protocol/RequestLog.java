package dev.corten.registry.server.protocol;

import dev.corten.http.Exchange;
import java.time.Duration;

/// Sees every request after it was answered: the access log, the counters.
@FunctionalInterface
public interface RequestLog {
    /// @param handler what metrics call the kind of request, `""` if it is none of the protocol
    /// @param user `""` for nobody in particular
    /// @param bytes of the answer's body
    void answered(
            Exchange request, String handler, String user, int status, long bytes, Duration taken);
}
