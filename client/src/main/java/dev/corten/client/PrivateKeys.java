package dev.corten.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

/// Private keys from PEM: PKCS #8, and the older forms of RSA (PKCS #1) and of elliptic curves
/// (SEC 1), which are put into the envelope of PKCS #8.
final class PrivateKeys {
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final byte[] VERSION = {0x02, 0x01, 0x00};

    /// The algorithm identifier of RSA: 1.2.840.113549.1.1.1, NULL.
    private static final byte[] RSA = {
        0x30,
        0x0D,
        0x06,
        0x09,
        0x2A,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xF7,
        0x0D,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    private PrivateKeys() {}

    /// @param certificate that the key is of; it knows the algorithm and the curve
    static PrivateKey parse(byte[] pem, Certificate certificate)
            throws IOException, GeneralSecurityException {
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        String algorithm = certificate.getPublicKey().getAlgorithm();
        byte[] encoded;
        if (text.contains("-----BEGIN PRIVATE KEY-----")) {
            encoded = section(text, "PRIVATE KEY");
        } else if (text.contains("-----BEGIN RSA PRIVATE KEY-----")) {
            encoded = envelope(RSA, section(text, "RSA PRIVATE KEY"));
        } else if (text.contains("-----BEGIN EC PRIVATE KEY-----")) {
            encoded = envelope(identifier(certificate), section(text, "EC PRIVATE KEY"));
        } else {
            throw new IOException("private key: neither PKCS#8, PKCS#1 nor SEC 1 in PEM");
        }
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    }

    /// @throws IOException in Docker's words, if there is no key in it, or one with a password
    static void checkForm(byte[] pem) throws IOException {
        String text = new String(pem, StandardCharsets.ISO_8859_1);
        if (!text.contains("-----BEGIN ")) {
            throw new IOException("no valid private key found");
        }
        if (text.contains("ENCRYPTED")) {
            throw new IOException(
                    "private key is encrypted - support for encrypted private keys has been"
                            + " removed, see https://docs.docker.com/go/deprecated/");
        }
    }

    /// Whether a key is the one that a certificate speaks of: one undoes what the other has done.
    static boolean belongs(PrivateKey key, Certificate certificate)
            throws GeneralSecurityException {
        Signature signature = Signature.getInstance(signatureOf(key));
        signature.initSign(key);
        signature.update(RSA);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(RSA);
        try {
            return signature.verify(signed);
        } catch (SignatureException e) {
            // The signature has not even the length of one by the certificate's key.
            return false;
        }
    }

    private static String signatureOf(PrivateKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
    }

    private static byte[] section(String text, String name) throws IOException {
        String begin = "-----BEGIN " + name + "-----";
        int start = text.indexOf(begin) + begin.length();
        int end = text.indexOf("-----END " + name + "-----", start);
        if (end < 0) {
            throw new IOException("private key: no end of " + name);
        }
        String body = text.substring(start, end);
        return Base64.getMimeDecoder().decode(body);
    }

    /// The algorithm identifier of a certificate's key, the first member of its encoding.
    private static byte[] identifier(Certificate certificate) {
        byte[] encoded = certificate.getPublicKey().getEncoded();
        int content = headerLength(encoded, 0);
        int length = headerLength(encoded, content) + contentLength(encoded, content);
        return java.util.Arrays.copyOfRange(encoded, content, content + length);
    }

    private static int headerLength(byte[] der, int at) {
        int first = der[at + 1] & 0xFF;
        return first < 0x80 ? 2 : 2 + (first & 0x7F);
    }

    private static int contentLength(byte[] der, int at) {
        int first = der[at + 1] & 0xFF;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7F); i++) {
            length = length << 8 | der[at + 2 + i] & 0xFF;
        }
        return length;
    }

    private static byte[] envelope(byte[] identifier, byte[] key) {
        var content = new ByteArrayOutputStream();
        content.writeBytes(VERSION);
        content.writeBytes(identifier);
        content.writeBytes(der(OCTETS, key));
        return der(SEQUENCE, content.toByteArray());
    }

    private static byte[] der(int tag, byte[] content) {
        var out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else if (content.length < 0x100) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
