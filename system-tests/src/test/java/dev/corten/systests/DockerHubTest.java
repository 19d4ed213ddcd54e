package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Docker Hub, or what stands in for it: [HubStandIn].
class DockerHubTest {
    private static final String KEY = "https://index.docker.io/v1/";

    private static HubStandIn hub;
    private static Engine engine;

    @BeforeAll
    static void open() {
        Machine.hasRoot();
        Machine.hasProgram("docker");
        hub = new HubStandIn();
        engine = hub.engine();
        if (!Limits.againstStub()) {
            Image.busybox().load(engine);
        }
    }

    @AfterEach
    void forget() {
        hub.forget();
    }

    @AfterAll
    static void close() {
        if (engine != null) {
            engine.closeCleanly();
        }
        if (hub != null) {
            hub.close();
        }
    }

    private static Client client(String program) throws IOException {
        Path home = Files.createTempDirectory(engine.root(), "home");
        return hub.client(engine, program, home);
    }

    /// At a terminal.
    private static Running atTerminal(Client client, String... arguments) {
        var words = new StringBuilder();
        for (String word : client.program()) {
            words.append('\'').append(word).append("' ");
        }
        words.append(String.join(" ", arguments));
        return Running.start(
                List.of("script", "-qec", words.toString(), "/dev/null"), client.environment());
    }

    private static String config(Client client) throws IOException {
        return Files.readString(Path.of(client.environment().get("DOCKER_CONFIG"), "config.json"));
    }

    private static String kept(String password) {
        return Base64.getEncoder()
                .encodeToString((HubStandIn.USER + ":" + password).getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"REG-07", "REG-08", "REG-01", "REG-03", "REG-06"})
    void threeCommandsToPublish(String program) throws IOException {
        Client docker = client(program);
        String name = "someone/" + program + "-app:1";
        docker.ok("tag", "busybox", name);
        assertThat(docker.run("push", name).err())
                .contains("denied: requested access to the resource is denied");
        try (var login = atTerminal(docker, "login", "-u", HubStandIn.USER)) {
            login.out().await("Password: ");
            login.type(HubStandIn.PASSWORD + "\n");
            assertThat(new String(login.await().ok().getBytes(UTF_8), UTF_8))
                    .contains("Login Succeeded")
                    .doesNotContain(HubStandIn.PASSWORD);
        }
        assertThat(docker.ok("push", name))
                .contains("The push refers to repository [docker.io/someone/" + program + "-app]")
                // Its layer may be there already, in what another test has published.
                .containsPattern(": (Pushed|Mounted from someone/[a-z-]+)\n")
                .containsPattern("1: digest: sha256:[0-9a-f]{64} size: \\d+");
        assertThat(hub.registry().tags("someone/" + program + "-app")).containsExactly("1");
        docker.ok("rmi", name);
        assertThat(docker.ok("pull", name))
                .contains("Status: ", "image for " + name)
                .contains("docker.io/" + name);
        // Without a name of one's own it is Docker's, who let nobody in.
        docker.ok("tag", "busybox", "my-app");
        assertThat(docker.run("push", "my-app").err())
                .contains("denied: requested access to the resource is denied");
        assertThat(docker.ok("logout")).isEqualTo("Removing login credentials for " + KEY);
        assertThat(docker.run("push", name).err())
                .contains("denied: requested access to the resource is denied");
        docker.ok("rmi", "my-app", name);
    }

    /// The user presses ENTER, the browser opens, and there somebody agrees.
    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"REG-05", "REG-06"})
    void loginInABrowser(String program) throws IOException {
        Client docker = client(program);
        int before = hub.opened().size();
        try (var login = atTerminal(docker, "login")) {
            login.out().await("Waiting for authentication in the browser");
            login.type("\n");
            assertThat(login.await().ok()).contains("Login Succeeded");
        }
        assertThat(hub.opened().subList(before, hub.opened().size()))
                .containsExactly(
                        "https://login.docker.com/activate?user_code=" + HubStandIn.USER_CODE);
        assertThat(config(docker))
                .contains("\"" + KEY + "\"", "\"" + KEY + "access-token\"")
                .contains(kept(HubStandIn.webToken()))
                .contains("\"" + KEY + "refresh-token\"");
        String name = "someone/by-browser:" + program;
        docker.ok("tag", "busybox", name);
        assertThat(docker.ok("push", name)).contains("digest: sha256:");
        docker.ok("rmi", name);
        docker.ok("logout");
        assertThat(hub.revoked()).containsExactly(HubStandIn.REFRESH_TOKEN);
        assertThat(config(docker)).doesNotContain("docker.io");
    }

    /// Both command lines say the same, in the same colors.
    @Test
    @Shows("REG-05")
    void theSameWords() throws IOException {
        String ours = screen("corten");
        assertThat(ours)
                .contains("USING WEB-BASED LOGIN")
                .contains("Your one-time device confirmation code is: ")
                .contains(HubStandIn.USER_CODE)
                .contains("https://login.docker.com/activate")
                .contains("it says access_denied");
        assertThat(ours).isEqualTo(screen("docker"));
    }

    private static String screen(String program) throws IOException {
        try (var login = atTerminal(client(program), "login")) {
            login.out().await("Waiting for authentication in the browser");
            hub.decide("access_denied");
            Finished denied = login.await();
            assertThat(denied.status()).isEqualTo(1);
            return denied.out().replace(program + " login", "login").strip();
        } finally {
            hub.forget();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows("REG-05")
    void whereItIsNotOfferedAPasswordIsAskedFor(String program) throws IOException {
        hub.offersDevices(false);
        Client docker = client(program);
        try (var login = atTerminal(docker, "login")) {
            login.out().await("Username: ");
            login.type(HubStandIn.USER + "\n");
            login.out().await("Password: ");
            login.type(HubStandIn.PASSWORD + "\n");
            assertThat(login.await().ok())
                    .contains(
                            "Failed to start web-based login - falling back to command line"
                                    + " login...")
                    .contains("Login Succeeded");
        }
        docker.ok("logout");
        assertThat(hub.revoked()).isEmpty();
    }
}
