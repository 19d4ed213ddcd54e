package dev.corten.client;

import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// Why a daemon's certificate is not believed, in the words and the order of Go's library: first its
/// time, then its names, then who has signed it.
final class UntrustedCertificate extends CertificateException {
    private static final long serialVersionUID = 1L;
    private static final int DNS_NAME = 2;
    private static final int ADDRESS = 7;

    private UntrustedCertificate(String message, CertificateException cause) {
        super("x509: " + message, cause);
    }

    /// @param chain what the daemon showed
    /// @param host that was asked for
    /// @param anchors who is trusted
    /// @param cause what was found
    static UntrustedCertificate of(
            X509Certificate[] chain,
            String host,
            Collection<X509Certificate> anchors,
            CertificateException cause)
            throws CertificateException {
        X509Certificate own = chain[0];
        String time = outOfTime(own);
        if (!time.isEmpty()) {
            return new UntrustedCertificate(
                    "certificate has expired or is not yet valid: " + time, cause);
        }
        String name = misnamed(own, host);
        if (!name.isEmpty()) {
            return new UntrustedCertificate(name, cause);
        }
        return new UntrustedCertificate(
                "certificate signed by unknown authority" + hint(chain, anchors), cause);
    }

    private static String outOfTime(X509Certificate certificate) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Instant first = certificate.getNotBefore().toInstant();
        Instant last = certificate.getNotAfter().toInstant();
        if (now.isBefore(first)) {
            return "current time " + now + " is before " + first;
        }
        return now.isAfter(last) ? "current time " + now + " is after " + last : "";
    }

    /// Empty if the certificate is one for this host.
    private static String misnamed(X509Certificate certificate, String host)
            throws CertificateException {
        boolean number = isAddress(host);
        List<String> names = names(certificate, number ? ADDRESS : DNS_NAME);
        for (String name : names) {
            if (number ? sameAddress(name, host) : covers(name, host)) {
                return "";
            }
        }
        if (certificate.getSubjectAlternativeNames() == null
                && covers(commonName(certificate), host)) {
            return "certificate relies on legacy Common Name field, use SANs instead";
        }
        if (number && names.isEmpty()) {
            return "cannot validate certificate for "
                    + host
                    + " because it doesn't contain any IP SANs";
        }
        return names.isEmpty()
                ? "certificate is not valid for any names, but wanted to match " + host
                : "certificate is valid for " + String.join(", ", names) + ", not " + host;
    }

    private static List<String> names(X509Certificate certificate, int type)
            throws CertificateException {
        var names = new ArrayList<String>();
        Collection<List<?>> all = certificate.getSubjectAlternativeNames();
        if (all != null) {
            for (List<?> one : all) {
                if (one.get(0) instanceof Integer kind && kind == type) {
                    names.add(String.valueOf(one.get(1)));
                }
            }
        }
        return names;
    }

    private static boolean isAddress(String host) {
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean sameAddress(String name, String host) {
        return InetAddress.ofLiteral(name).equals(InetAddress.ofLiteral(host));
    }

    /// A `*` stands for the first label.
    private static boolean covers(String name, String host) {
        String wanted = host.toLowerCase(Locale.ROOT);
        String given = name.toLowerCase(Locale.ROOT);
        int dot = wanted.indexOf('.');
        return given.equals(wanted)
                || (dot > 0
                        && given.startsWith("*.")
                        && given.substring(1).equals(wanted.substring(dot)));
    }

    /// Empty if there is none.
    private static String commonName(X509Certificate certificate) {
        String subject = certificate.getSubjectX500Principal().getName();
        for (String part : subject.split("(?<!\\\\),")) {
            if (part.startsWith("CN=")) {
                return part.substring("CN=".length());
            }
        }
        return "";
    }

    /// Somebody trusted has the name of who has signed, and is not.
    private static String hint(X509Certificate[] chain, Collection<X509Certificate> anchors) {
        X509Certificate last = chain[chain.length - 1];
        for (X509Certificate anchor : anchors) {
            if (anchor.getSubjectX500Principal().equals(last.getIssuerX500Principal())) {
                boolean rsa = anchor.getPublicKey().getAlgorithm().equals("RSA");
                return " (possibly because of \""
                        + (rsa
                                ? "crypto/rsa: verification error"
                                : "x509: ECDSA verification failure")
                        + "\" while trying to verify candidate authority certificate \""
                        + commonName(anchor)
                        + "\")";
            }
        }
        return "";
    }
}
