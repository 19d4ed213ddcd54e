package dev.corten.http;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads certificates and keys as `openssl` writes them: keys in PKCS #8, and in the older forms of
/// RSA (PKCS #1) and of elliptic curves (SEC 1), which Java does not know.
public final class PemFiles {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

    // AlgorithmIdentifier of rsaEncryption, with its NULL.
    private static final byte[] RSA = {
        0x30,
        0x0d,
        0x06,
        0x09,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };
    private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;

    private PemFiles() {}

    /// All certificates of a file, in its order; at least one.
    public static List<X509Certificate> certificates(Path file) throws IOException {
        var certificates = new ArrayList<X509Certificate>();
        Matcher blocks = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            while (blocks.find()) {
                if (blocks.group(1).endsWith("CERTIFICATE")) {
                    var der = new ByteArrayInputStream(bytes(blocks.group(2)));
                    certificates.add((X509Certificate) factory.generateCertificate(der));
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + " holds a certificate that cannot be read", e);
        }
        if (certificates.isEmpty()) {
            throw new IOException("no certificate in " + file);
        }
        return List.copyOf(certificates);
    }

    /// The file's private key.
    ///
    /// @param certificate its other half: it knows what the older forms leave out
    public static PrivateKey key(Path file, X509Certificate certificate) throws IOException {
        Matcher blocks = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        String algorithm = certificate.getPublicKey().getAlgorithm();
        try {
            while (blocks.find()) {
                if (blocks.group(2).contains("ENCRYPTED")) {
                    throw new IOException(file + " is encrypted");
                }
                byte[] der = bytes(blocks.group(2));
                switch (blocks.group(1)) {
                    case "PRIVATE KEY" -> {
                        return key(algorithm, der);
                    }
                    case "RSA PRIVATE KEY" -> {
                        return key("RSA", pkcs8(RSA, der));
                    }
                    case "EC PRIVATE KEY" -> {
                        return key("EC", pkcs8(curve(certificate), der));
                    }
                    case "ENCRYPTED PRIVATE KEY" -> throw new IOException(file + " is encrypted");
                    default -> {}
                }
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(file + " holds a key that cannot be read", e);
        }
        throw new IOException("no private key in " + file);
    }

    private static byte[] bytes(String base64) {
        return Base64.getMimeDecoder().decode(base64.strip());
    }

    private static PrivateKey key(String algorithm, byte[] pkcs8) throws GeneralSecurityException {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    /// The AlgorithmIdentifier of an elliptic curve: the public key begins with the same one.
    private static byte[] curve(X509Certificate certificate) throws IOException {
        if (!(certificate.getPublicKey() instanceof ECPublicKey key)) {
            throw new IOException("the certificate's key is no elliptic curve, as the private one");
        }
        byte[] info = key.getEncoded();
        int start = 1 + lengthBytes(info, 1);
        int end = start + 1 + lengthBytes(info, start + 1) + length(info, start + 1);
        return java.util.Arrays.copyOfRange(info, start, end);
    }

    private static int lengthBytes(byte[] der, int at) {
        return der[at] >= 0 ? 1 : 1 + (der[at] & 0x7F);
    }

    private static int length(byte[] der, int at) {
        if (der[at] >= 0) {
            return der[at];
        }
        int length = 0;
        for (int i = 1; i <= (der[at] & 0x7F); i++) {
            length = length << 8 | der[at + i] & 0xFF;
        }
        return length;
    }

    private static byte[] pkcs8(byte[] algorithm, byte[] key) {
        var content = new ByteArrayOutputStream();
        content.writeBytes(VERSION_0);
        content.writeBytes(algorithm);
        content.writeBytes(tagged(OCTET_STRING, key));
        return tagged(SEQUENCE, content.toByteArray());
    }

    private static byte[] tagged(int tag, byte[] content) {
        var der = new ByteArrayOutputStream();
        der.write(tag);
        if (content.length < 0x80) {
            der.write(content.length);
        } else {
            int bytes = (Integer.SIZE - Integer.numberOfLeadingZeros(content.length) + 7) / 8;
            der.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                der.write(content.length >> (8 * i));
            }
        }
        der.writeBytes(content);
        return der.toByteArray();
    }
}
