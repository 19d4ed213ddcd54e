package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Registries that want to know who asks: passwords, tokens, helpers, and who may see which.
@ExtendWith(PrivateEngine.class)
class RegistryAccessTest {
    /// The password of `someone` is `secret`.
    private static final String USERS =
            "someone:$2b$05$3OxaZ9tEd82BdUj/iAgwSOBDchm.eBADXRx4o/FCjk6gedk4MvInO\n";

    private static Scratch folder;
    private static RegistryProcess registry;

    @BeforeAll
    static void open() throws IOException {
        folder = Scratch.folder("corten-access");
        Files.writeString(folder.file("users"), USERS);
        registry =
                RegistryProcess.ours(
                        folder.file("registry"),
                        "auth: {htpasswd: {realm: tests, path: " + folder.file("users") + "}}");
    }

    @AfterAll
    static void close() {
        if (registry != null) {
            registry.close();
        }
        if (folder != null) {
            folder.close();
        }
    }

    private static Client client(Engine engine, String name) {
        return name.equals("docker") ? engine.docker() : engine.corten();
    }

    private static Path config(Engine engine) {
        return engine.home().resolve(".docker/config.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"REG-03", "REG-04", "REG-06", "REG-08"})
    void loginPushPullLogout(String program, Engine engine) throws IOException {
        Client docker = client(engine, program);
        String name = registry.host() + "/private:" + program;
        docker.ok("tag", "busybox", name);
        assertThat(docker.run("push", name).err()).contains("no basic auth credentials");
        Finished wrong =
                docker.runWithInput(
                        "wrong".getBytes(UTF_8),
                        "login",
                        "-u",
                        "someone",
                        "--password-stdin",
                        registry.host());
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.err()).contains("401 Unauthorized");
        Finished login =
                docker.runWithInput(
                        "secret\n".getBytes(UTF_8),
                        "login",
                        "-u",
                        "someone",
                        "--password-stdin",
                        registry.host());
        assertThat(login.ok()).contains("Login Succeeded");
        assertThat(Files.readString(config(engine)))
                .contains(Base64.getEncoder().encodeToString("someone:secret".getBytes(UTF_8)));
        assertThat(docker.ok("push", name)).contains("digest: sha256:");
        docker.ok("rmi", name);
        assertThat(docker.ok("pull", name)).contains("Status: ");
        assertThat(docker.ok("logout", registry.host()))
                .isEqualTo("Removing login credentials for " + registry.host());
        assertThat(Files.readString(config(engine))).doesNotContain("c29tZW9uZ");
        assertThat(docker.run("pull", name).err()).contains("no basic auth credentials");
        docker.ok("rmi", name);
    }

    /// What is missing of the store is fetched as whoever asks for the repair.
    @Test
    @Shows("DSK-34")
    void aRepairShowsPasswords(Engine engine) throws IOException {
        Client corten = engine.corten();
        String name = registry.host() + "/private:repair";
        corten.ok("tag", "busybox", name);
        String[] login = {"login", "-u", "someone", "--password-stdin", registry.host()};
        assertThat(corten.runWithInput("secret".getBytes(UTF_8), login).ok())
                .contains("Login Succeeded");
        String pushed = corten.ok("push", name);
        String digest = pushed.replaceAll("(?s).*digest: (sha256:[0-9a-f]{64}).*", "$1");
        Path manifest =
                engine.dataRoot().resolve("content/blobs/sha256").resolve(digest.substring(7));
        byte[] bytes = Files.readAllBytes(manifest);
        Files.delete(manifest);
        Finished repaired = corten.run("system", "check", "--repair");
        assertThat(repaired.out()).contains("blob " + digest + " is missing: fetched again");
        assertThat(repaired.status()).isZero();
        assertThat(manifest).hasBinaryContent(bytes);
        corten.ok("logout", registry.host());
        corten.ok("rmi", name);
    }

    /// A helper keeps the password in its own way; config.json only names it.
    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows("REG-27")
    void helpersKeepPasswords(String program, Engine engine) throws IOException {
        Path helper = folder.file("docker-credential-test");
        Files.writeString(
                helper,
                """
                #!/bin/sh
                store=%s/store
                case $1 in
                store) cat > $store ;;
                get) cat > /dev/null; if [ -s $store ]; then cat $store
                     else echo credentials not found in native keychain; exit 1; fi ;;
                erase) cat > /dev/null; : > $store ;;
                list) echo '{}' ;;
                esac
                """
                        .formatted(folder.path()));
        helper.toFile().setExecutable(true);
        Files.createDirectories(config(engine).getParent());
        Files.writeString(
                config(engine), "{\"credHelpers\":{\"" + registry.host() + "\":\"test\"}}");
        Map<String, String> path = Map.of("PATH", folder.path() + ":" + System.getenv("PATH"));
        Client docker = client(engine, program);
        try (var login =
                docker.start(path, "login", "-u", "someone", "--password-stdin", registry.host())) {
            login.feed("secret".getBytes(UTF_8));
            assertThat(login.await().ok()).contains("Login Succeeded");
        }
        assertThat(Files.readString(folder.file("store"))).contains("someone", "secret");
        assertThat(Files.readString(config(engine))).doesNotContain("c29tZW9uZ");
        String name = registry.host() + "/helped:" + program;
        docker.ok("tag", "busybox", name);
        try (var push = docker.start(path, "push", name)) {
            push.closeInput();
            assertThat(push.await().ok()).contains("digest: sha256:");
        }
        try (var logout = docker.start(path, "logout", registry.host())) {
            logout.closeInput();
            logout.await().ok();
        }
        assertThat(folder.file("store")).isEmptyFile();
        Files.delete(config(engine));
        docker.ok("rmi", name);
    }

    /// The last login, in the API's own words.
    @Test
    @Shows("API-05")
    void theApiSaysWhoMayEnter(Api api) {
        String question = "{\"username\":\"someone\",\"password\":\"%s\",\"serveraddress\":\"%s\"}";
        var good = api.call("POST", "/auth", question.formatted("secret", registry.host()));
        assertThat(good.status()).isEqualTo(200);
        assertThat(good.json().path("Status").asString()).isEqualTo("Login Succeeded");
        var bad = api.call("POST", "/auth", question.formatted("nothing", registry.host()));
        assertThat(bad.message()).contains("401 Unauthorized");
    }

    // ---- tokens

    /// Gives tokens for a password, and takes each for a few requests only.
    private static final class TokenServer implements AutoCloseable {
        private final ScriptedRegistry realm = ScriptedRegistry.open();
        private final Map<String, AtomicInteger> left = new ConcurrentHashMap<>();
        private final Set<String> scopes = ConcurrentHashMap.newKeySet();
        private final AtomicInteger number = new AtomicInteger();
        private final int uses;

        TokenServer(int uses) {
            this.uses = uses;
            realm.on("/token", this::give);
        }

        private void give(HttpExchange exchange) throws IOException {
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            boolean known =
                    ("Basic "
                                    + Base64.getEncoder()
                                            .encodeToString("someone:secret".getBytes(UTF_8)))
                            .equals(authorization);
            if (!known) {
                ScriptedRegistry.error(
                        exchange, 401, "UNAUTHORIZED", "incorrect username or password");
                return;
            }
            scopes.add(String.valueOf(exchange.getRequestURI().getQuery()));
            String token = "token" + number.incrementAndGet();
            left.put(token, new AtomicInteger(uses));
            ScriptedRegistry.answer(
                    exchange,
                    200,
                    "application/json",
                    ("{\"token\":\"" + token + "\",\"expires_in\":60}").getBytes(UTF_8));
        }

        /// @return whether the request has a token that is good still; if not it has been answered
        boolean admits(HttpExchange exchange, String repository) throws IOException {
            String authorization =
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            AtomicInteger uses = left.get(authorization.replace("Bearer ", ""));
            if (uses != null && uses.getAndDecrement() > 0) {
                return true;
            }
            exchange.getResponseHeaders()
                    .set(
                            "Www-Authenticate",
                            "Bearer realm=\"http://%s/token\",service=\"tests\",scope=\"repository:%s:pull,push\""
                                    .formatted(realm.host(), repository));
            exchange.getRequestBody().readAllBytes();
            ScriptedRegistry.error(exchange, 401, "UNAUTHORIZED", "authentication required");
            return false;
        }

        @Override
        public void close() {
            realm.close();
        }
    }

    /// Each token is good for a dozen requests: in the middle of a push a new one has to be asked for.
    @Test
    @Shows({"REG-01", "IMG-17"})
    void tokensThatExpireInTheMiddle(Engine engine, Client docker) throws IOException {
        try (var tokens = new TokenServer(12);
                var front = ScriptedRegistry.open();
                var behind = Scratch.folder("corten-tokens");
                var store = RegistryProcess.ours(behind.path())) {
            front.on(
                    "/v2/",
                    e -> {
                        if (tokens.admits(e, "expiring")) {
                            ScriptedRegistry.forward(e, store.host());
                        }
                    });
            docker.runWithInput(
                            "secret".getBytes(UTF_8),
                            "login",
                            "-u",
                            "someone",
                            "--password-stdin",
                            front.host())
                    .ok();
            String name = front.host() + "/expiring:1";
            new Image(name)
                    .layer(Image.busyboxLayer())
                    .layer(Published.noiseLayer(1, 100_000))
                    .layer(Published.noiseLayer(2, 100_000))
                    .layer(Published.noiseLayer(3, 100_000))
                    .load(engine);
            assertThat(docker.ok("push", name)).contains("digest: sha256:");
            assertThat(store.api().tags("expiring")).containsExactly("1");
            assertThat(tokens.number.get()).isGreaterThan(1);
            assertThat(tokens.scopes).anyMatch(query -> query.contains("repository:expiring:"));
            docker.ok("rmi", name);
            docker.ok("pull", name);
            docker.ok("logout", front.host());
            docker.ok("rmi", name);
        }
    }

    /// Those who may not are told so, and how often they may.
    @Test
    @Shows("REG-01")
    void refusalsInTheUsersWords(Client docker) {
        try (var front = ScriptedRegistry.open()) {
            front.on(
                    "/v2/",
                    e ->
                            ScriptedRegistry.error(
                                    e,
                                    429,
                                    "TOOMANYREQUESTS",
                                    "You have reached your pull rate limit."));
            assertThat(docker.run("pull", front.host() + "/limited:1").err())
                    .contains("toomanyrequests: You have reached your pull rate limit.");
            // What is asked first has no body in which more could be said.
            front.on(
                    "/v2/.",
                    e -> {
                        if (e.getRequestMethod().equals("HEAD")) {
                            ScriptedRegistry.answer(e, 404, "text/plain", new byte[0]);
                        } else {
                            ScriptedRegistry.error(
                                    e, 403, "DENIED", "requested access to the resource is denied");
                        }
                    });
            front.on("/v2/$", front::byDefault);
            docker.ok("tag", "busybox", front.host() + "/denied:1");
            assertThat(docker.run("push", front.host() + "/denied:1").err())
                    .contains("denied: requested access to the resource is denied");
            docker.ok("rmi", front.host() + "/denied:1");
        }
    }
}
