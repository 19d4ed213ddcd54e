package dev.corten.cli.build.agent;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Arrays;
import java.util.function.IntFunction;

/// A key that can sign.
final class SshKey {
    private static final int SHA_256 = 2;
    private static final int SHA_512 = 4;

    private final byte[] blob;
    private final PrivateKey key;
    private final IntFunction<Form> forms;

    /// @param name of the signature in SSH
    /// @param algorithm in Java
    private record Form(String name, String algorithm) {}

    private SshKey(byte[] blob, PrivateKey key, IntFunction<Form> forms) {
        this.blob = blob;
        this.key = key;
        this.forms = forms;
    }

    /// @param seed what RFC 8032 calls the private key
    static SshKey ed25519(byte[] seed, byte[] point) throws GeneralSecurityException {
        var spec = new EdECPrivateKeySpec(NamedParameterSpec.ED25519, seed);
        String type = "ssh-ed25519";
        return new SshKey(
                new SshWriter().text(type).string(point).toBytes(),
                KeyFactory.getInstance("Ed25519").generatePrivate(spec),
                _ -> new Form(type, "Ed25519"));
    }

    static SshKey rsa(RSAPrivateCrtKey key) {
        String type = "ssh-rsa";
        return new SshKey(
                new SshWriter()
                        .text(type)
                        .integer(key.getPublicExponent())
                        .integer(key.getModulus())
                        .toBytes(),
                key,
                flags ->
                        (flags & SHA_512) != 0
                                ? new Form("rsa-sha2-512", "SHA512withRSA")
                                : (flags & SHA_256) != 0
                                        ? new Form("rsa-sha2-256", "SHA256withRSA")
                                        : new Form(type, "SHA1withRSA"));
    }

    /// @param point the public key, not compressed
    static SshKey ecdsa(Curve curve, byte[] point, BigInteger secret)
            throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec(curve.standard()));
        var spec = new ECPrivateKeySpec(secret, parameters.getParameterSpec(ECParameterSpec.class));
        String type = "ecdsa-sha2-" + curve.ssh();
        return new SshKey(
                new SshWriter().text(type).text(curve.ssh()).string(point).toBytes(),
                KeyFactory.getInstance("EC").generatePrivate(spec),
                _ -> new Form(type, curve.signature()));
    }

    /// The public key, as SSH writes it.
    byte[] blob() {
        return blob.clone();
    }

    boolean is(byte[] publicKey) {
        return Arrays.equals(blob, publicKey);
    }

    /// @param flags of the request: which hash an RSA key shall use
    byte[] sign(byte[] data, int flags) throws GeneralSecurityException {
        Form form = forms.apply(flags);
        Signature signature = Signature.getInstance(form.algorithm());
        signature.initSign(key);
        signature.update(data);
        byte[] made = signature.sign();
        if (form.name().startsWith("ecdsa-")) {
            int half = made.length / 2;
            made =
                    new SshWriter()
                            .integer(new BigInteger(1, Arrays.copyOf(made, half)))
                            .integer(new BigInteger(1, Arrays.copyOfRange(made, half, made.length)))
                            .toBytes();
        }
        return new SshWriter().text(form.name()).string(made).toBytes();
    }
}
