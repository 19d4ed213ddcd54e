package dev.corten.client;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// The daemon is there, but the two do not trust each other. The message is in the words of Go's
/// library, which the users of Docker's command line know and search for.
final class TlsFailure extends IOException {
    private static final long serialVersionUID = 1L;

    private static final String ALERT = "Received fatal alert: ";

    /// Alerts whose words are not those of their name.
    private static final Map<String, String> WORDS =
            Map.of(
                    "bad_record_mac", "bad record MAC",
                    "certificate_revoked", "revoked certificate",
                    "certificate_expired", "expired certificate",
                    "certificate_unknown", "unknown certificate",
                    "unknown_ca", "unknown certificate authority",
                    "decode_error", "error decoding message",
                    "decrypt_error", "error decrypting message",
                    "protocol_version", "protocol version not supported",
                    "insufficient_security", "insufficient security level");

    TlsFailure(SSLException cause) {
        super(reason(cause), cause);
    }

    private static String reason(SSLException cause) {
        UntrustedCertificate untrusted = find(cause);
        if (untrusted != null) {
            return "tls: failed to verify certificate: " + untrusted.getMessage();
        }
        Throwable root = cause;
        for (Throwable deeper = root.getCause(); deeper != null; deeper = root.getCause()) {
            root = deeper;
        }
        String message = String.valueOf(root.getMessage());
        int alert = message.indexOf(ALERT);
        if (alert >= 0) {
            String name = message.substring(alert + ALERT.length()).toLowerCase(Locale.ROOT);
            return "remote error: tls: " + WORDS.getOrDefault(name, name.replace('_', ' '));
        }
        if (message.startsWith("Unsupported or unrecognized SSL message")) {
            return "http: server gave HTTP response to HTTPS client";
        }
        return "tls: " + message;
    }

    private static @Nullable UntrustedCertificate find(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof UntrustedCertificate untrusted) {
                return untrusted;
            }
        }
        return null;
    }
}
