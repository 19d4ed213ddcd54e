package dev.corten.registry.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.Base64;
import dev.corten.model.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The keys whose signature under a token counts. A token says by `x5c`, `jwk` or `kid` which of
/// them signed it.
final class TrustedKeys {
    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static final int ID_BYTES = 30;

    private final Set<TrustAnchor> roots = new HashSet<>();
    private final Map<String, PublicKey> byId = new HashMap<>();

    /// @param certificates a file of PEM
    /// @param keys a file of JSON web keys
    TrustedKeys(Optional<Path> certificates, Optional<Path> keys) throws IOException {
        try {
            if (certificates.isPresent()) {
                addCertificates(certificates.get());
            }
            if (keys.isPresent()) {
                addKeys(keys.get());
            }
        } catch (GeneralSecurityException | ParseException | JOSEException e) {
            throw new IOException("unable to load token signing keys: " + e.getMessage(), e);
        }
    }

    private void addCertificates(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            for (var each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                var certificate = (X509Certificate) each;
                roots.add(new TrustAnchor(certificate, null));
                PublicKey key = certificate.getPublicKey();
                byId.put(id(key), key);
                thumbprint(certificate).ifPresent(print -> byId.put(print, key));
            }
        }
    }

    private static Optional<String> thumbprint(X509Certificate certificate) {
        try {
            return Optional.of(JWK.parse(certificate).computeThumbprint().toString());
        } catch (JOSEException _) {
            // A kind of key that JSON knows no form of.
            return Optional.empty();
        }
    }

    private void addKeys(Path file) throws IOException, ParseException, JOSEException {
        for (JWK key : JWKSet.parse(Files.readString(file, UTF_8)).getKeys()) {
            if (key instanceof AsymmetricJWK asymmetric) {
                PublicKey found = asymmetric.toPublicKey();
                String id = key.getKeyID();
                byId.put(id == null ? key.computeThumbprint().toString() : id, found);
            }
        }
    }

    /// The key that a token's header names; empty if that is none that counts.
    Optional<PublicKey> find(JWSHeader header) {
        @Nullable List<Base64> chain = header.getX509CertChain();
        if (chain != null && !chain.isEmpty()) {
            return certified(chain);
        }
        @Nullable JWK jwk = header.getJWK();
        if (jwk instanceof AsymmetricJWK asymmetric) {
            return embedded(jwk, asymmetric);
        }
        return Optional.ofNullable(header.getKeyID()).map(byId::get);
    }

    /// A key in the token itself counts if we know it, or if its certificate does.
    private Optional<PublicKey> embedded(JWK jwk, AsymmetricJWK asymmetric) {
        try {
            PublicKey key = asymmetric.toPublicKey();
            if (byId.containsValue(key)) {
                return Optional.of(key);
            }
            @Nullable List<Base64> chain = jwk.getX509CertChain();
            return chain == null ? Optional.empty() : certified(chain).filter(key::equals);
        } catch (JOSEException _) {
            return Optional.empty();
        }
    }

    private Optional<PublicKey> certified(List<Base64> chain) {
        if (roots.isEmpty()) {
            return Optional.empty();
        }
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            var certificates = new ArrayList<X509Certificate>();
            for (Base64 each : chain) {
                var der = new ByteArrayInputStream(each.decode());
                certificates.add((X509Certificate) factory.generateCertificate(der));
            }
            PublicKey key = certificates.getFirst().getPublicKey();
            if (roots.stream().anyMatch(r -> r.getTrustedCert().equals(certificates.getFirst()))) {
                certificates.getFirst().checkValidity();
                return Optional.of(key);
            }
            // A chain may end with the root itself, which is no part of the path to it.
            certificates.removeIf(c -> roots.stream().anyMatch(r -> r.getTrustedCert().equals(c)));
            var parameters = new PKIXParameters(roots);
            parameters.setRevocationEnabled(false);
            CertPathValidator.getInstance("PKIX")
                    .validate(factory.generateCertPath(certificates), parameters);
            return Optional.of(key);
        } catch (GeneralSecurityException _) {
            return Optional.empty();
        }
    }

    /// As Docker's libtrust names keys: `ABCD:EFGH:…`, twelve groups.
    static String id(PublicKey key) {
        byte[] hash = Digest.newHash().digest(key.getEncoded());
        var id = new StringBuilder();
        int bits = 0;
        int count = 0;
        for (int i = 0; i < ID_BYTES; i++) {
            bits = bits << 8 | hash[i] & 0xFF;
            count += 8;
            while (count >= 5) {
                count -= 5;
                if (id.length() % 5 == 4) {
                    id.append(':');
                }
                id.append(BASE32.charAt(bits >> count & 31));
            }
        }
        return id.toString();
    }
}
