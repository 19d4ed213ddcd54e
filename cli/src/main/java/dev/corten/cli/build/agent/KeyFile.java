package dev.corten.cli.build.agent;

import dev.corten.cli.build.agent.SshReader.Malformed;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A private key as `ssh-keygen` and `openssl` write it into files.
final class KeyFile {
    /// No key has more.
    static final int MAX_BYTES = 100 << 10;

    private static final Pattern PEM =
            Pattern.compile(
                    "-----BEGIN ([A-Z0-9 ]+)-----\\R(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final byte[] MAGIC = "openssh-key-v1\0".getBytes(StandardCharsets.US_ASCII);

    private KeyFile() {}

    /// It cannot be used, in the words of BuildKit's library.
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super("ssh: " + message);
        }
    }

    static SshKey read(byte[] file) throws Refused {
        Matcher pem = PEM.matcher(new String(file, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new Refused("no key found");
        }
        String body = pem.group(2);
        if (body.contains("ENCRYPTED")) {
            throw locked();
        }
        try {
            byte[] content = Base64.getMimeDecoder().decode(body);
            return switch (pem.group(1)) {
                case "OPENSSH PRIVATE KEY" -> openssh(content);
                case "RSA PRIVATE KEY" -> Pkcs.rsa(content);
                case "EC PRIVATE KEY" -> Pkcs.ec(content);
                case "PRIVATE KEY" -> Pkcs.any(content);
                default -> throw new Refused("unsupported key type \"" + pem.group(1) + "\"");
            };
        } catch (Malformed | IllegalArgumentException | GeneralSecurityException e) {
            var refused = new Refused("malformed key: " + e.getMessage());
            refused.initCause(e);
            throw refused;
        }
    }

    private static Refused locked() {
        return new Refused("this private key is passphrase protected");
    }

    /// `PROTOCOL.key` of OpenSSH.
    private static SshKey openssh(byte[] content)
            throws Malformed, Refused, GeneralSecurityException {
        if (content.length < MAGIC.length
                || !Arrays.equals(MAGIC, Arrays.copyOf(content, MAGIC.length))) {
            throw new Malformed("no openssh-key-v1");
        }
        var outer = new SshReader(Arrays.copyOfRange(content, MAGIC.length, content.length));
        String cipher = outer.text();
        outer.string(); // how a key is made of a password
        outer.string();
        if (!cipher.equals("none")) {
            throw locked();
        }
        if (outer.number() != 1) {
            throw new Malformed("not one key");
        }
        outer.string(); // the public key once more
        var in = new SshReader(outer.string());
        int check = in.number();
        if (in.number() != check) {
            throw new Malformed("check bytes differ");
        }
        String type = in.text();
        return switch (type) {
            case "ssh-ed25519" -> {
                byte[] point = in.string();
                byte[] secret = in.string();
                if (point.length != 32 || secret.length != 64) {
                    throw new Malformed("wrong length");
                }
                yield SshKey.ed25519(Arrays.copyOf(secret, 32), point);
            }
            case "ssh-rsa" -> rsa(in);
            case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521" -> {
                Curve curve =
                        Curve.named(in.text()).orElseThrow(() -> new Malformed("unknown curve"));
                yield SshKey.ecdsa(curve, in.string(), in.positive());
            }
            default -> throw new Refused("unhandled key type \"" + type + "\"");
        };
    }

    private static SshKey rsa(SshReader in) throws Malformed, GeneralSecurityException {
        BigInteger modulus = in.positive();
        BigInteger exponent = in.positive();
        BigInteger secret = in.positive();
        BigInteger coefficient = in.positive();
        BigInteger p = in.positive();
        BigInteger q = in.positive();
        if (p.signum() == 0 || q.signum() == 0) {
            throw new Malformed("a prime is zero");
        }
        var spec =
                new RSAPrivateCrtKeySpec(
                        modulus,
                        exponent,
                        secret,
                        p,
                        q,
                        secret.mod(p.subtract(BigInteger.ONE)),
                        secret.mod(q.subtract(BigInteger.ONE)),
                        coefficient);
        return SshKey.rsa((RSAPrivateCrtKey) KeyFactory.getInstance("RSA").generatePrivate(spec));
    }
}
