package dev.corten.daemon;

import dev.corten.daemon.settings.Options;
import dev.corten.daemon.settings.Settings;
import dev.corten.http.Tls;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// How TCP is secured.
///
/// @param context empty for plain HTTP
/// @param verifies whether clients must show a certificate
/// @param intended whether it was said that they need not
record TlsSettings(Optional<Tls> context, boolean verifies, boolean intended) {
    static TlsSettings of(Settings settings, Map<String, String> environment) throws IOException {
        boolean verifies = settings.get(Options.TLS_VERIFY);
        boolean intended =
                settings.get(Options.INSECURE_TCP)
                        || (settings.has(Options.TLS) && !settings.get(Options.TLS))
                        || (settings.has(Options.TLS_VERIFY) && !verifies);
        if (!settings.get(Options.TLS) && !verifies) {
            return new TlsSettings(Optional.empty(), false, intended);
        }
        String home = environment.getOrDefault("HOME", "/root") + "/.docker";
        String standard = environment.getOrDefault("DOCKER_CERT_PATH", "");
        Path directory = Path.of(standard.isEmpty() ? home : standard);
        String certificate = file(settings.get(Options.TLS_CERT), directory.resolve("cert.pem"));
        String key = file(settings.get(Options.TLS_KEY), directory.resolve("key.pem"));
        String authority = file(settings.get(Options.TLS_CA), directory.resolve("ca.pem"));
        return new TlsSettings(
                Optional.of(context(certificate, key, verifies ? authority : "", verifies)),
                verifies,
                intended);
    }

    /// What was said; a usual place counts if there is something.
    private static String file(String said, Path usual) {
        return said.isEmpty() && Files.exists(usual) ? usual.toString() : said;
    }

    private static Tls context(String certificate, String key, String authority, boolean verifies)
            throws IOException {
        for (String file : new String[] {certificate, key}) {
            if (file.isEmpty() || !Files.exists(Path.of(file))) {
                throw new InvalidParameter(
                        "invalid TLS configuration: Could not load X509 key pair (cert: \""
                                + certificate
                                + "\", key: \""
                                + key
                                + "\"): open "
                                + file
                                + ": no such file or directory");
            }
        }
        if (verifies && (authority.isEmpty() || !Files.exists(Path.of(authority)))) {
            throw new InvalidParameter(
                    "invalid TLS configuration: could not read CA certificate \""
                            + authority
                            + "\": open "
                            + authority
                            + ": no such file or directory");
        }
        try {
            return Tls.of(
                    Path.of(certificate),
                    Path.of(key),
                    verifies ? Optional.of(Path.of(authority)) : Optional.empty());
        } catch (IOException e) {
            throw new InvalidParameter("invalid TLS configuration: " + e.getMessage(), e);
        }
    }

    boolean isOn() {
        return context.isPresent();
    }

    /// Lets an address that everybody can reach pass only if that was said to be wanted: by our
    /// word, or, as dockerd wants it, by an explicit `tls=false` or `tlsverify=false`.
    void requireIntent(String address) {
        if (!intended) {
            throw new InvalidParameter(
                    address
                            + " would give root to whoever reaches it: secure it by --tlsverify,"
                            + " or say --insecure-tcp or --tls=false if that is what you want");
        }
    }
}
