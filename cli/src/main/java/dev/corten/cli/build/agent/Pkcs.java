package dev.corten.cli.build.agent;

import dev.corten.cli.build.agent.KeyFile.Refused;
import dev.corten.cli.build.agent.SshReader.Malformed;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/// Private keys in DER: PKCS #1, PKCS #8, and SEC 1 for elliptic curves.
final class Pkcs {
    private static final String RSA = "2a864886f70d010101";
    private static final String EC = "2a8648ce3d0201";
    private static final String ED25519 = "2b6570";

    /// `PrivateKeyInfo` up to the key, but for its length: version 0, RSA, no parameters.
    private static final byte[] RSA_INFO = HexFormat.of().parseHex("020100300d0609" + RSA + "0500");

    private Pkcs() {}

    /// PKCS #8.
    static SshKey any(byte[] content) throws Malformed, Refused, GeneralSecurityException {
        Der info = new Der(content).enter(Der.SEQUENCE);
        info.take(Der.INTEGER);
        Der algorithm = info.enter(Der.SEQUENCE);
        String object = HexFormat.of().formatHex(algorithm.take(Der.OBJECT));
        byte[] key = info.take(Der.OCTETS);
        return switch (object) {
            case RSA -> rsa(key);
            case EC -> ec(key, HexFormat.of().formatHex(algorithm.take(Der.OBJECT)));
            case ED25519 -> ed25519(new Der(key).take(Der.OCTETS));
            default -> throw new Refused("unsupported key type: object identifier " + object);
        };
    }

    /// PKCS #1.
    static SshKey rsa(byte[] content) throws GeneralSecurityException {
        byte[] info = Der.value(Der.SEQUENCE, Der.joined(RSA_INFO, Der.value(Der.OCTETS, content)));
        return SshKey.rsa(
                (RSAPrivateCrtKey)
                        KeyFactory.getInstance("RSA")
                                .generatePrivate(new PKCS8EncodedKeySpec(info)));
    }

    /// SEC 1.
    static SshKey ec(byte[] content) throws Malformed, Refused, GeneralSecurityException {
        return ec(content, "");
    }

    /// @param known the curve, if something else has said it
    private static SshKey ec(byte[] content, String known)
            throws Malformed, Refused, GeneralSecurityException {
        Der key = new Der(content).enter(Der.SEQUENCE);
        key.take(Der.INTEGER);
        var secret = new BigInteger(1, key.take(Der.OCTETS));
        String object =
                key.isNext(Der.FIRST)
                        ? HexFormat.of().formatHex(key.enter(Der.FIRST).take(Der.OBJECT))
                        : known;
        Curve curve = Curve.identified(object).orElseThrow(() -> new Refused("unsupported curve"));
        if (!key.isNext(Der.SECOND)) {
            throw new Refused("the key does not have its public half");
        }
        byte[] bits = key.enter(Der.SECOND).take(Der.BITS);
        // The first byte is the number of bits that the last one lacks.
        return SshKey.ecdsa(curve, Arrays.copyOfRange(bits, 1, bits.length), secret);
    }

    private static SshKey ed25519(byte[] seed) throws Malformed, GeneralSecurityException {
        if (seed.length != 32) {
            throw new Malformed("wrong length");
        }
        return SshKey.ed25519(seed, point(seed));
    }

    /// The public half: what is generated from randomness that is none.
    private static byte[] point(byte[] seed) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        generator.initialize(
                NamedParameterSpec.ED25519,
                new SecureRandom() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    public void nextBytes(byte[] bytes) {
                        System.arraycopy(seed, 0, bytes, 0, bytes.length);
                    }
                });
        KeyPair pair = generator.generateKeyPair();
        var point = ((EdECPublicKey) pair.getPublic()).getPoint();
        byte[] big = point.getY().toByteArray();
        byte[] bytes = new byte[32];
        for (int i = 0; i < Math.min(big.length, bytes.length); i++) {
            bytes[i] = big[big.length - 1 - i];
        }
        if (point.isXOdd()) {
            bytes[31] |= (byte) 0x80;
        }
        return bytes;
    }
}
