package dev.corten.registry.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.http.PemFiles;
import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.FaultServer.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Registries behind TLS. They are mirrors here: what lies on this host is insecure otherwise.
class SecuredTest {
    @TempDir private Path directory;
    private Path certificates;

    @BeforeEach
    void makeCertificates() throws Exception {
        certificates = Files.createDirectory(directory.resolve("certs.d"));
        openssl(
                "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem");
        issue("good", "subjectAltName=IP:127.0.0.1");
        issue("other", "subjectAltName=IP:127.0.0.9");
    }

    private void issue(String name, String alternative) throws Exception {
        openssl(
                "req -newkey rsa:2048 -nodes -subj /CN=x -addext "
                        + alternative
                        + " -keyout %s.key -out %s.csr".formatted(name, name));
        openssl(
                "x509 -req -in %s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out %s.pem"
                        .formatted(name, name));
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(("openssl " + arguments).split(" "))
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        try (InputStream out = process.getInputStream()) {
            String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
        }
    }

    private SSLContext server(String name) throws Exception {
        List<X509Certificate> chain = PemFiles.certificates(directory.resolve(name + ".pem"));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "own",
                PemFiles.key(directory.resolve(name + ".key"), chain.getFirst()),
                new char[0],
                chain.toArray(X509Certificate[]::new));
        var keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private RegistryClient client(List<String> insecure) {
        return new RegistryClient(() ->
                new RegistrySettings(
                        List.of(), insecure, List.of(certificates), Proxies.NONE, "test/1"));
    }

    private Site site(FaultServer server, boolean verified) throws IOException {
        return site(server.url(""), verified, InetAddress::getAllByName);
    }

    private Site site(String base, boolean verified, Addresses.Resolver resolver)
            throws IOException {
        var settings =
                new RegistrySettings(
                        List.of(), List.of(), List.of(certificates), Proxies.NONE, "test/1");
        var endpoint = new Endpoint(URI.create(base), false, verified);
        var clock = java.time.InstantSource.system();
        var transport =
                new Transport(
                        new HttpClients().of(settings, endpoint),
                        new Addresses(resolver, clock),
                        new ProxyRules(Proxies.NONE),
                        "test/1",
                        java.time.Duration.ofSeconds(20));
        return new Site(
                endpoint,
                transport,
                new Access(endpoint, transport, RegistryCredentials.NONE, new Tokens(clock)),
                new Greetings(clock));
    }

    @Test
    void unknownAuthorityIsRefusedAndThenKnown() throws Exception {
        try (var server = new FaultServer(server("good"), _ -> Reply.of(200, "{}"))) {
            assertThatThrownBy(() -> site(server, true).greet())
                    .hasMessage(
                            "Get \""
                                    + server.url("/v2/")
                                    + "\": tls: failed to verify certificate: x509: certificate"
                                    + " signed by unknown authority");
            Path own = Files.createDirectory(certificates.resolve(server.authority()));
            Files.copy(directory.resolve("ca.pem"), own.resolve("ca.crt"));
            assertThat(site(server, true).greet()).isEmpty();
        }
    }

    @Test
    void certificateOfAnotherHostIsRefused() throws Exception {
        try (var server = new FaultServer(server("other"), _ -> Reply.of(200, "{}"))) {
            Path own = Files.createDirectory(certificates.resolve(server.authority()));
            Files.copy(directory.resolve("ca.pem"), own.resolve("ca.crt"));
            assertThatThrownBy(() -> site(server, true).greet())
                    .hasMessageEndingWith(
                            "x509: certificate is valid for 127.0.0.9, not 127.0.0.1");
            assertThat(site(server, false).greet()).isEmpty();
        }
    }

    /// The first address is nobody's. What the second one shows must be the name's, and nothing else.
    @Test
    void aHostOfSeveralAddressesIsStillTheHost() throws Exception {
        issue("named", "subjectAltName=DNS:*.example");
        Addresses.Resolver resolver =
                _ ->
                        new InetAddress[] {
                            InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("127.0.0.1")
                        };
        for (String name : List.of("named", "good")) {
            try (var server = new FaultServer(server(name), _ -> Reply.of(200, "{}"))) {
                String authority = "registry.example:" + server.port();
                Path own = Files.createDirectory(certificates.resolve(authority));
                Files.copy(directory.resolve("ca.pem"), own.resolve("ca.crt"));
                Site site = site("https://" + authority, true, resolver);
                if (name.equals("named")) {
                    assertThat(site.greet()).isEmpty();
                    assertThat(server.asked("GET", "/v2/"))
                            .extracting(a -> a.header("Host"))
                            .containsExactly(authority);
                } else {
                    assertThatThrownBy(site::greet)
                            .hasMessage(
                                    "Get \"https://"
                                            + authority
                                            + "/v2/\": tls: failed to verify certificate: x509:"
                                            + " certificate is not valid for any names, but wanted"
                                            + " to match registry.example");
                }
            }
        }
    }

    @Test
    void registryOfThisHostNeedNoGoodCertificate() throws Exception {
        try (var server =
                new FaultServer(server("other"), _ -> Reply.of(200, "{\"tags\":[\"1\"]}"))) {
            Reference name = Reference.parse(server.authority() + "/a");
            assertThat(client(List.of()).pull(name, RegistryCredentials.NONE).tags())
                    .containsExactly("1");
        }
    }

    @Test
    void keyWithoutCertificateIsToldOf() throws Exception {
        Path own = Files.createDirectory(certificates.resolve("reg.example:5000"));
        Files.writeString(own.resolve("client.cert"), "");
        assertThatThrownBy(() -> CertificateFiles.of(List.of(certificates), "reg.example:5000"))
                .hasMessage(
                        "missing key client.key for client certificate client.cert. CA"
                                + " certificates must use the extension .crt");
    }

    @Test
    void namesAndNetworksMayBeInsecure() {
        var settings =
                new RegistrySettings(
                        List.of(),
                        List.of("reg.example:5000", "10.1.0.0/16"),
                        List.of(),
                        Proxies.NONE,
                        "");
        assertThat(InsecureNames.contain(settings, "reg.example:5000")).isTrue();
        assertThat(InsecureNames.contain(settings, "10.1.2.3:443")).isTrue();
        assertThat(InsecureNames.contain(settings, "10.2.2.3")).isFalse();
        assertThat(InsecureNames.contain(settings, "127.3.2.1:5000")).isTrue();
        assertThat(InsecureNames.contain(settings, "[::1]:5000")).isTrue();
        assertThat(InsecureNames.contain(settings, "localhost:5000")).isTrue();
    }

    @Test
    void proxiesAreChosenAsGoDoes() {
        var rules =
                new ProxyRules(
                        new Proxies(
                                "http://p:3128",
                                "p2:8080",
                                ".inner.example,plain.example,10.0.0.0/8,only.example:81"));
        assertThat(rules.proxy(URI.create("http://a.example/")))
                .contains(URI.create("http://p:3128"));
        assertThat(rules.proxy(URI.create("https://a.example/")))
                .contains(URI.create("http://p2:8080"));
        for (String direct :
                List.of(
                        "http://localhost/",
                        "http://127.0.0.1:5000/",
                        "http://x.inner.example/",
                        "http://plain.example/",
                        "http://y.plain.example/",
                        "http://10.3.2.1/",
                        "http://only.example:81/")) {
            assertThat(rules.proxy(URI.create(direct))).as(direct).isEmpty();
        }
        assertThat(rules.proxy(URI.create("http://inner.example/"))).isPresent();
        assertThat(rules.proxy(URI.create("http://only.example/"))).isPresent();
    }

    @Test
    void challengesAreRead() {
        assertThat(
                        Challenge.parse(
                                List.of(
                                        "Basic realm=\"a, \\\"b\\\"\", Bearer realm=\"https://x/t\",service=s , scope=\"a:b:c,d\"",
                                        "Negotiate")))
                .containsExactly(
                        new Challenge("basic", java.util.Map.of("realm", "a, \"b\"")),
                        new Challenge(
                                "bearer",
                                java.util.Map.of(
                                        "realm",
                                        "https://x/t",
                                        "service",
                                        "s",
                                        "scope",
                                        "a:b:c,d")),
                        new Challenge("negotiate", java.util.Map.of()));
    }
}
