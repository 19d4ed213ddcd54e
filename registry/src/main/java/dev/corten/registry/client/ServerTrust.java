package dev.corten.registry.client;

import java.net.InetAddress;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Checks a server's certificate with the JDK's rules, and says in Go's words what is wrong with it.
final class ServerTrust extends X509ExtendedTrustManager {
    private static final int NAME_DNS = 2;
    private static final int NAME_ADDRESS = 7;

    /// For registries that need not be who they say they are. The host's name is not looked at
    /// either: the JDK leaves that to a trust manager of this kind.
    static final X509ExtendedTrustManager NONE =
            new X509ExtendedTrustManager() {
                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type, Socket s) {}

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type, Socket s) {}

                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine e) {}

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine e) {}

                @Override
                public void checkClientTrusted(X509Certificate[] chain, String type) {}

                @Override
                public void checkServerTrusted(X509Certificate[] chain, String type) {}

                @Override
                public X509Certificate[] getAcceptedIssuers() {
                    return new X509Certificate[0];
                }
            };

    private final X509ExtendedTrustManager rules;

    ServerTrust(X509ExtendedTrustManager rules) {
        this.rules = rules;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        try {
            rules.checkServerTrusted(chain, type);
        } catch (CertificateException e) {
            throw new CertificateException(untrusted(chain[0], e), e);
        }
        try {
            rules.checkServerTrusted(chain, type, engine);
        } catch (CertificateException e) {
            throw new CertificateException(otherHost(chain[0], host(engine)), e);
        }
        // One that is good for an address only would do for the rules, if that is what was called.
        String host = host(engine);
        if (!host.equals(engine.getPeerHost()) && !isOf(chain[0], host)) {
            throw new CertificateException(otherHost(chain[0], host));
        }
    }

    /// Whom the connection is meant for: see [Addresses].
    private static String host(SSLEngine engine) {
        List<SNIServerName> names = engine.getSSLParameters().getServerNames();
        return names != null && !names.isEmpty() && names.getFirst() instanceof SNIHostName name
                ? name.getAsciiName()
                : engine.getPeerHost();
    }

    private static boolean isOf(X509Certificate certificate, String host)
            throws CertificateParsingException {
        int dot = host.indexOf('.');
        String wildcard = dot > 0 ? "*" + host.substring(dot) : host;
        return names(certificate, NAME_DNS).stream()
                .anyMatch(name -> name.equalsIgnoreCase(host) || name.equalsIgnoreCase(wildcard));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        rules.checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        rules.checkServerTrusted(chain, type);
    }

    private static String untrusted(X509Certificate certificate, CertificateException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException) {
                return "x509: certificate has expired or is not yet valid: current time "
                        + now()
                        + " is after "
                        + time(certificate.getNotAfter());
            }
            if (cause instanceof CertificateNotYetValidException) {
                return "x509: certificate has expired or is not yet valid: current time "
                        + now()
                        + " is before "
                        + time(certificate.getNotBefore());
            }
        }
        return "x509: certificate signed by unknown authority";
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String time(Date date) {
        return date.toInstant().toString();
    }

    private static String otherHost(X509Certificate certificate, String host)
            throws CertificateParsingException {
        boolean byAddress = isAddress(host);
        List<String> names = names(certificate, byAddress ? NAME_ADDRESS : NAME_DNS);
        if (names.isEmpty()) {
            if (byAddress) {
                return "x509: cannot validate certificate for "
                        + host
                        + " because it doesn't contain any IP SANs";
            }
            return names(certificate, NAME_ADDRESS).isEmpty()
                    ? "x509: certificate relies on legacy Common Name field, use SANs instead"
                    : "x509: certificate is not valid for any names, but wanted to match " + host;
        }
        return "x509: certificate is valid for " + String.join(", ", names) + ", not " + host;
    }

    private static boolean isAddress(String host) {
        try {
            InetAddress.ofLiteral(host);
            return true;
        } catch (IllegalArgumentException e) {
            // A name.
            return false;
        }
    }

    private static List<String> names(X509Certificate certificate, int type)
            throws CertificateParsingException {
        var names = new ArrayList<String>();
        Collection<List<?>> all = certificate.getSubjectAlternativeNames();
        if (all != null) {
            for (List<?> name : all) {
                if (name.get(0).equals(type)) {
                    names.add(String.valueOf(name.get(1)));
                }
            }
        }
        return names;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        rules.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        rules.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        rules.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return rules.getAcceptedIssuers();
    }
}
