package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Docker Hub under its own names, over TLS: its registry, its token server, its login server and its
/// web service. Whoever is started by [#engine] or [#client] finds them here, and believes the
/// authority that has signed for them; nobody else on the machine notices.
///
/// Everybody may pull; who has logged in may push below the own name.
final class HubStandIn implements AutoCloseable {
    static final String USER = "someone";
    static final String PASSWORD = "secret";
    static final String DEVICE_CODE = "device-1";
    static final String USER_CODE = "BCDF-GHJK";
    static final String REFRESH_TOKEN = "refresh-1";

    /// An address of this host that nobody else uses, so that its port 443 is free.
    private static final String ADDRESS = "127.83.20.1";

    /// Where nobody listens.
    private static final String DEAD_ADDRESS = "127.83.20.9";

    /// The first two are for engines.
    private static final List<String> NAMES =
            List.of("registry-1.docker.io", "auth.docker.io", "login.docker.com", "hub.docker.com");

    private static final Pattern REPOSITORY =
            Pattern.compile("/v2/(.+)/(?:manifests|blobs|tags)/.*");

    private record Token(String user, Set<String> scopes) {}

    private final Scratch folder = Scratch.folder("corten-hub");
    private final RegistryProcess store;
    private final ScriptedRegistry front;
    private final Map<String, Token> tokens = new ConcurrentHashMap<>();
    private final AtomicInteger number = new AtomicInteger();
    private final Set<String> passwords = ConcurrentHashMap.newKeySet();
    private final Map<String, String> decisions = new ConcurrentHashMap<>();
    private final List<String> revoked = new CopyOnWriteArrayList<>();
    private volatile boolean offersDevices = true;

    HubStandIn() {
        var certificates = new Certificates(folder.path());
        String names = String.join(",", NAMES.stream().map(name -> "DNS:" + name).toList());
        certificates.sign("hub.pem", "hub.key", names, "2");
        store = RegistryProcess.ours(folder.file("registry"));
        passwords.add(PASSWORD);
        front =
                ScriptedRegistry.openTls(ADDRESS, 443, certificates.context("hub.pem", "hub.key"))
                        .on("", this::answer);
        try {
            var hosts = new StringBuilder("127.0.0.1 localhost\n");
            // As with the real one, not every address answers at every time.
            for (String name : NAMES.subList(0, 2)) {
                hosts.append(DEAD_ADDRESS).append(' ').append(name).append('\n');
            }
            NAMES.forEach(name -> hosts.append(ADDRESS).append(' ').append(name).append('\n'));
            Files.writeString(folder.file("hosts"), hosts);
            Files.writeString(
                    folder.file("cortend-there"),
                    "#!/bin/sh\nexport SSL_CERT_FILE="
                            + folder.file("ca.pem")
                            + "\nexec "
                            + String.join(" ", inside().subList(0, 4))
                            + " '"
                            + inside().get(4)
                            + "' sh \"$CORTEND\" \"$@\"\n");
            folder.file("cortend-there").toFile().setExecutable(true);
            Files.createDirectory(folder.file("bin"));
            // A browser, of a user who does what the page wants.
            Path browser = folder.file("bin/xdg-open");
            Files.writeString(
                    browser,
                    "#!/bin/sh\necho \"$1\" >> %s\nexec curl -s --cacert %s \"$1\"\n"
                            .formatted(folder.file("opened"), folder.file("ca.pem")));
            browser.toFile().setExecutable(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The words before a command that is to find it: with other contents of `/etc/hosts`.
    private List<String> inside() {
        return List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                "mount --bind " + folder.file("hosts") + " /etc/hosts && exec \"$@\"",
                "sh");
    }

    /// An engine for which this is Docker Hub.
    Engine engine() {
        return Engine.start(folder.file("cortend-there"));
    }

    /// A command line for which it is.
    ///
    /// @param program `docker` or `corten`
    /// @param home of its own, so that nobody is logged in
    Client client(Engine engine, String program, Path home) {
        var words = new ArrayList<>(inside());
        Client usual = program.equals("docker") ? engine.docker() : engine.corten();
        words.addAll(usual.program());
        return new Client(
                words,
                engine.socket(),
                home,
                Map.of(
                        "SSL_CERT_FILE",
                        folder.file("ca.pem").toString(),
                        "PATH",
                        folder.file("bin") + ":" + System.getenv("PATH")));
    }

    // ---- what a test says and asks

    RegistryApi registry() {
        return store.api();
    }

    /// What the login server says to who waits with this code: an error of the protocol.
    void decide(String error) {
        decisions.put(DEVICE_CODE, error);
    }

    void offersDevices(boolean offers) {
        offersDevices = offers;
    }

    /// Nobody has been at the login server yet.
    void forget() {
        decisions.clear();
        revoked.clear();
        offersDevices = true;
    }

    List<String> revoked() {
        return List.copyOf(revoked);
    }

    /// The pages that the browser was told to open.
    List<String> opened() throws IOException {
        Path file = folder.file("opened");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    List<ScriptedRegistry.Seen> seen() {
        return front.seen();
    }

    // ---- how it works

    private void answer(HttpExchange exchange) throws IOException {
        switch (String.valueOf(exchange.getRequestHeaders().getFirst("Host"))) {
            case "registry-1.docker.io" -> registry(exchange);
            case "auth.docker.io" -> token(exchange);
            case "login.docker.com" -> login(exchange);
            case "hub.docker.com" -> service(exchange);
            default -> ScriptedRegistry.error(exchange, 421, "UNKNOWN", "nobody here");
        }
    }

    private void registry(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Matcher repository = REPOSITORY.matcher(path);
        String scope = "";
        String needed = "";
        if (repository.matches()) {
            boolean reads = exchange.getRequestMethod().matches("GET|HEAD");
            boolean upload = path.contains("/blobs/uploads/");
            needed =
                    "repository:"
                            + repository.group(1)
                            + ":"
                            + (reads && !upload ? "pull" : "push");
            scope = ",scope=\"repository:" + repository.group(1) + ":pull,push\"";
        }
        String shown = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        Token token = tokens.get(shown.replace("Bearer ", ""));
        if (token != null && (needed.isEmpty() || token.scopes().contains(needed))) {
            ScriptedRegistry.forward(exchange, store.host());
            return;
        }
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders()
                .set(
                        "Www-Authenticate",
                        "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\""
                                + scope
                                + (token == null ? "" : ",error=\"insufficient_scope\""));
        ScriptedRegistry.error(exchange, 401, "UNAUTHORIZED", "authentication required");
    }

    private void token(HttpExchange exchange) throws IOException {
        String user = "";
        String shown = exchange.getRequestHeaders().getFirst("Authorization");
        if (shown != null) {
            String pair = new String(Base64.getDecoder().decode(shown.substring(6)), UTF_8);
            String[] parts = pair.split(":", 2);
            if (!parts[0].equals(USER) || !passwords.contains(parts[1])) {
                json(exchange, 401, "{\"details\":\"incorrect username or password\"}");
                return;
            }
            user = USER;
        }
        Set<String> granted = ConcurrentHashMap.newKeySet();
        for (String pair : String.valueOf(exchange.getRequestURI().getRawQuery()).split("&")) {
            if (pair.startsWith("scope=")) {
                String[] scope = decoded(pair.substring(6)).split(":");
                for (String action : scope[2].split(",")) {
                    boolean own = !user.isEmpty() && scope[1].startsWith(user + "/");
                    if (action.equals("pull") || own) {
                        granted.add(scope[0] + ":" + scope[1] + ":" + action);
                    }
                }
            }
        }
        String token = "token" + number.incrementAndGet();
        tokens.put(token, new Token(user, granted));
        json(exchange, 200, "{\"token\":\"" + token + "\",\"expires_in\":300}");
    }

    private void login(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        Map<String, String> form = form(exchange);
        switch (path) {
            case "/oauth/device/code" -> {
                if (!offersDevices) {
                    json(exchange, 503, "{}");
                    return;
                }
                json(
                        exchange,
                        200,
                        """
                        {"device_code":"%s","user_code":"%s","expires_in":900,"interval":1,
                         "verification_uri":"https://login.docker.com/activate",
                         "verification_uri_complete":"https://login.docker.com/activate?user_code=%s"}
                        """
                                .formatted(DEVICE_CODE, USER_CODE, USER_CODE));
            }
            case "/activate" -> {
                decisions.put(DEVICE_CODE, "");
                json(exchange, 200, "{}");
            }
            case "/oauth/token" -> {
                String error =
                        decisions.getOrDefault(
                                form.getOrDefault("device_code", ""), "authorization_pending");
                json(
                        exchange,
                        error.isEmpty() ? 200 : 403,
                        error.isEmpty()
                                ? "{\"access_token\":\"%s\",\"refresh_token\":\"%s\",\"expires_in\":300}"
                                        .formatted(webToken(), REFRESH_TOKEN)
                                : "{\"error\":\"%s\",\"error_description\":\"it says %s\"}"
                                        .formatted(error, error));
            }
            case "/oauth/revoke" -> {
                revoked.add(form.getOrDefault("token", ""));
                json(exchange, 200, "{}");
            }
            default -> json(exchange, 404, "{}");
        }
    }

    private void service(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        boolean known =
                ("Bearer " + webToken())
                        .equals(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!known || !exchange.getRequestURI().getPath().startsWith("/v2/access-tokens/")) {
            json(exchange, 403, "{}");
            return;
        }
        String password = "dckr_pat_" + number.incrementAndGet();
        passwords.add(password);
        json(exchange, 201, "{\"data\":{\"token\":\"" + password + "\"}}");
    }

    /// Signed by nobody whom a client could know.
    static String webToken() {
        String head = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
        String claims =
                "{\"https://hub.docker.com\":{\"username\":\"" + USER + "\"},\"sub\":\"x\"}";
        var encoder = Base64.getUrlEncoder().withoutPadding();
        return encoder.encodeToString(head.getBytes(UTF_8))
                + "."
                + encoder.encodeToString(claims.getBytes(UTF_8))
                + "."
                + encoder.encodeToString(new byte[256]);
    }

    private static Map<String, String> form(HttpExchange exchange) throws IOException {
        var fields = new HashMap<String, String>();
        String text = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
        for (String pair : text.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                fields.put(pair.substring(0, equals), decoded(pair.substring(equals + 1)));
            }
        }
        return fields;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, UTF_8);
    }

    private static void json(HttpExchange exchange, int status, String text) throws IOException {
        ScriptedRegistry.answer(exchange, status, "application/json", text.getBytes(UTF_8));
    }

    @Override
    public void close() {
        front.close();
        store.close();
        folder.close();
    }
}
