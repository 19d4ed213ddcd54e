package dev.corten.cli.build.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Keys of `ssh-keygen` and `openssl`, whose programs say what is right.
class KeyAgentTest {
    private static final byte[] DATA = "what is signed".getBytes(UTF_8);

    @TempDir Path folder;

    @BeforeEach
    void programs() {
        assumeTrue(Files.exists(Path.of("/usr/bin/ssh-keygen")), "ssh-keygen is not here");
        assumeTrue(Files.exists(Path.of("/usr/bin/openssl")), "openssl is not here");
    }

    private String run(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private KeyAgent agent(String... names) throws IOException {
        var files = new ArrayList<String>();
        for (String name : names) {
            files.add(folder.resolve(name).toString());
        }
        return KeyAgent.of(files);
    }

    private byte[] publicKey(String file) throws Exception {
        String[] words = run("ssh-keygen", "-y", "-f", file).split(" ", -1);
        return Base64.getDecoder().decode(words[1].strip());
    }

    private static byte[] signRequest(byte[] key, int flags) {
        return new SshWriter().octet(13).string(key).string(DATA).number(flags).toBytes();
    }

    /// `openssl` finds a signature good, with the public half of a key.
    private void assertGood(String file, String hash, byte[] signature) throws Exception {
        Path pem = folder.resolve("public.pem");
        Files.writeString(pem, run("ssh-keygen", "-e", "-m", "PKCS8", "-f", file));
        Files.write(folder.resolve("data"), DATA);
        Files.write(folder.resolve("signature"), signature);
        run(
                "openssl",
                "dgst",
                "-" + hash,
                "-verify",
                "public.pem",
                "-signature",
                "signature",
                "data");
    }

    /// Two numbers, as OpenSSL has them.
    private static byte[] der(byte[] ssh) throws Exception {
        var in = new SshReader(ssh);
        return Der.value(
                Der.SEQUENCE,
                Der.joined(
                        Der.value(Der.INTEGER, in.string()), Der.value(Der.INTEGER, in.string())));
    }

    private byte[] signature(byte[] answer, String form) throws Exception {
        assertThat(answer[0]).isEqualTo((byte) 14);
        var whole = new SshReader(java.util.Arrays.copyOfRange(answer, 1, answer.length));
        var signature = new SshReader(whole.string());
        assertThat(signature.text()).isEqualTo(form);
        return signature.string();
    }

    @ParameterizedTest
    @CsvSource({
        "ecdsa, 256, sha256, ''",
        "ecdsa, 384, sha384, ''",
        "ecdsa, 521, sha512, ''",
        "ecdsa, 256, sha256, PEM",
        "ecdsa, 256, sha256, PKCS8"
    })
    void ellipticCurves(String type, String bits, String hash, String form) throws Exception {
        generate(type, bits, form);
        byte[] key = publicKey("key");
        byte[] answer = agent("key").answer(signRequest(key, 0));
        assertGood("key", hash, der(signature(answer, "ecdsa-sha2-nistp" + bits)));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0, ssh-rsa, sha1",
        "'', 2, rsa-sha2-256, sha256",
        "'', 4, rsa-sha2-512, sha512",
        "PEM, 4, rsa-sha2-512, sha512",
        "PKCS8, 4, rsa-sha2-512, sha512"
    })
    void rsa(String form, int flags, String name, String hash) throws Exception {
        generate("rsa", "2048", form);
        byte[] answer = agent("key").answer(signRequest(publicKey("key"), flags));
        assertGood("key", hash, signature(answer, name));
    }

    private void generate(String type, String bits, String form) throws Exception {
        var command =
                new ArrayList<>(
                        List.of("ssh-keygen", "-q", "-t", type, "-b", bits, "-N", "", "-f", "key"));
        if (!form.isEmpty()) {
            command.addAll(List.of("-m", form));
        }
        run(command.toArray(String[]::new));
    }

    @Test
    void edwards() throws Exception {
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key");
        byte[] key = publicKey("key");
        byte[] made = signature(agent("key").answer(signRequest(key, 0)), "ssh-ed25519");
        byte[] point = java.util.Arrays.copyOfRange(key, key.length - 32, key.length);
        Files.write(
                folder.resolve("public.der"),
                Der.joined(java.util.HexFormat.of().parseHex("302a300506032b6570032100"), point));
        Files.write(folder.resolve("data"), DATA);
        Files.write(folder.resolve("signature"), made);
        run(
                "openssl",
                "pkeyutl",
                "-verify",
                "-pubin",
                "-inkey",
                "public.der",
                "-keyform",
                "DER",
                "-rawin",
                "-in",
                "data",
                "-sigfile",
                "signature");
        // The same by PKCS #8, which has no public half.
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", "key8");
        run("openssl", "pkey", "-in", "key8", "-pubout", "-outform", "DER", "-out", "public.der");
        byte[] der = Files.readAllBytes(folder.resolve("public.der"));
        byte[] list = agent("key8").answer(new byte[] {11});
        assertThat(new String(list, java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains(
                        new String(
                                java.util.Arrays.copyOfRange(der, der.length - 32, der.length),
                                java.nio.charset.StandardCharsets.ISO_8859_1));
    }

    @Test
    void itServesItsKeysAndNothingElse() throws Exception {
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "one");
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "two");
        KeyAgent agent = agent("one", "two");
        byte[] asked =
                new SshWriter()
                        .string(new byte[] {11})
                        .string(signRequest(publicKey("two"), 0))
                        .string(signRequest(new byte[] {1}, 0))
                        .string(new byte[] {19}) // forget all keys
                        .string(new byte[] {13, 0, 0, 1, 0}) // breaks off
                        .string(new byte[] {11})
                        .toBytes();
        var out = new ByteArrayOutputStream();
        agent.serve(new ByteArrayInputStream(asked), out::write);
        var answers = new SshReader(out.toByteArray());
        byte[] list = answers.string();
        var keys = new SshReader(java.util.Arrays.copyOfRange(list, 1, list.length));
        assertThat(keys.number()).isEqualTo(2);
        assertThat(keys.string()).isEqualTo(publicKey("one"));
        assertThat(keys.text()).isEmpty();
        assertThat(keys.string()).isEqualTo(publicKey("two"));
        assertThat(answers.string()[0]).isEqualTo((byte) 14);
        for (int i = 0; i < 3; i++) {
            assertThat(answers.string()).containsExactly(5);
        }
        assertThat(answers.string()).isEqualTo(list);
        assertThatThrownBy(() ->
                        agent.serve(
                                new ByteArrayInputStream(new byte[] {127, 0, 0, 0}), out::write))
                .isInstanceOf(IOException.class);
    }

    @Test
    void whatCannotBeUsedIsSaid() throws Exception {
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", "locked");
        run("ssh-keygen", "-q", "-t", "rsa", "-m", "PEM", "-N", "secret", "-f", "pem");
        Files.writeString(folder.resolve("text"), "text");
        Files.writeString(
                folder.resolve("cut"),
                "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n"
                        + "-----END OPENSSH PRIVATE KEY-----\n");
        String locked = "ssh: this private key is passphrase protected";
        assertThatThrownBy(() -> agent("locked")).hasMessageContaining(locked);
        assertThatThrownBy(() -> agent("pem")).hasMessageContaining(locked);
        assertThatThrownBy(() -> agent("text")).hasMessageEndingWith("text: ssh: no key found");
        assertThatThrownBy(() -> agent("locked.pub")).hasMessageContaining("no key found");
        assertThatThrownBy(() -> agent("cut")).hasMessageContaining("malformed key");
    }
}
