package dev.corten.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.cli.registry.FakeLoginServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `login`, `logout`, and what is shown to registries of what they keep.
class LoginTest {
    private static final String OK = "{\"IdentityToken\":\"\",\"Status\":\"Login Succeeded\"}";

    @TempDir Path home;
    private CommandLine line;
    private Path config;

    @BeforeEach
    void open() throws IOException {
        line = new CommandLine(home);
        line.daemon.answer("POST /auth", 200, OK).answer("POST /images/create", 200, "");
        config = home.resolve(".docker/config.json");
    }

    @AfterEach
    void close() throws IOException {
        line.close();
    }

    private static String auth(String pair) {
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /// What the last request said of the user.
    private String shown() {
        byte[] json = Base64.getUrlDecoder().decode(line.header("X-Registry-Auth"));
        return new String(json, StandardCharsets.UTF_8);
    }

    private void config(String text) throws IOException {
        Files.createDirectories(config.getParent());
        Files.writeString(config, text);
    }

    private int login(String input, String... args) {
        return line.corten(new FakeConsole(input), args);
    }

    @Test
    void passwordFromInputIsKeptForTheUserAlone() throws IOException {
        int status =
                login("p:w\n", "login", "-u", "ann", "--password-stdin", "https://r.test:5000/v2/");
        assertThat(line.err())
                .isEqualTo(
                        """

                        WARNING! Your credentials are stored unencrypted in '%s'.
                        Configure a credential helper to remove this warning. See
                        https://docs.docker.com/go/credential-store/

                        """
                                .formatted(config));
        assertThat(status).isZero();
        assertThat(line.out()).isEqualTo("Login Succeeded\n");
        assertThat(line.daemon.requests)
                .containsExactly(
                        "POST /auth {\"username\":\"ann\",\"password\":\"p:w\","
                                + "\"serveraddress\":\"r.test:5000\"}");
        assertThat(config)
                .content()
                .isEqualTo(
                        """
                        {
                        	"auths": {
                        		"r.test:5000": {
                        			"auth": "%s"
                        		}
                        	}
                        }\
                        """
                                .formatted(auth("ann:p:w")));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
                .isEqualTo("rw-------");
        line.corten("pull", "r.test:5000/a");
        assertThat(shown())
                .isEqualTo(
                        "{\"username\":\"ann\",\"password\":\"p:w\","
                                + "\"serveraddress\":\"r.test:5000\"}");
        line.corten("pull", "other.test/a");
        assertThat(line.header("X-Registry-Auth")).isEqualTo("e30=");
    }

    /// Nobody knows which registries will be asked.
    @Test
    void aRepairOfTheStoreShowsAllCredentials() throws IOException {
        config(
                "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\""
                        + auth("ann:one")
                        + "\"},\"https://r.test:5000/v2/\":{\"auth\":\""
                        + auth("bob:two")
                        + "\"},\"empty.test\":{}},\"credHelpers\":{\"h.test\":\"not-there\"}}");
        line.daemon.answer("POST /corten/v1/check", 200, "");
        assertThat(line.corten("system", "check", "--repair")).isZero();
        assertThat(line.err()).startsWith("WARNING: no credentials for h.test: ");
        assertThat(line.daemon.requests)
                .containsExactly(
                        "POST /corten/v1/check?repair=1 {\"auths\":{\"docker.io\":"
                                + "{\"username\":\"ann\",\"password\":\"one\","
                                + "\"serveraddress\":\"https://index.docker.io/v1/\"},"
                                + "\"r.test:5000\":{\"username\":\"bob\",\"password\":\"two\","
                                + "\"serveraddress\":\"https://r.test:5000/v2/\"}}}");
        line.daemon.requests.clear();
        assertThat(line.corten("system", "check")).isZero();
        assertThat(line.daemon.requests).containsExactly("POST /corten/v1/check");
    }

    @Test
    void whatTheFileSaysBesidesStaysAsItIs() throws IOException {
        config(
                "{\"auths\":{\"a\":{\"auth\":\"eDp5\",\"email\":\"x@y\"}},\"future\":{\"z\":[1,2.50]},"
                        + "\"detachKeys\":\"ctrl-q\"}");
        login("two", "login", "-u", "b", "--password-stdin", "b");
        String text = Files.readString(config).replaceAll("[\n\t ]", "");
        assertThat(text)
                .isEqualTo(
                        "{\"auths\":{\"a\":{\"auth\":\"eDp5\",\"email\":\"x@y\"},\"b\":{\"auth\":\""
                                + auth("b:two")
                                + "\"}},\"future\":{\"z\":[1,2.50]},\"detachKeys\":\"ctrl-q\"}");
        assertThat(line.corten("logout", "b")).isZero();
        assertThat(line.out()).isEqualTo("Removing login credentials for b\n");
        assertThat(Files.readString(config).replaceAll("[\n\t ]", ""))
                .contains("{\"a\":{\"auth\":\"eDp5\",\"email\":\"x@y\"}}")
                .doesNotContain("\"b\"");
    }

    @Test
    void fileThatIsNoJsonIsNotThrownAway() throws IOException {
        config("{\"auths\": {");
        assertThat(login("x", "login", "-u", "b", "--password-stdin", "b")).isEqualTo(1);
        assertThat(line.err()).contains("Error saving credentials: ");
        assertThat(config).content().isEqualTo("{\"auths\": {");
    }

    @Test
    void tokenIsKeptInThePasswordsPlace() throws IOException {
        line.daemon.answer(
                "POST /auth", 200, "{\"IdentityToken\":\"tok\",\"Status\":\"Login Succeeded\"}");
        login("x", "login", "-u", "b", "--password-stdin", "b.test");
        assertThat(line.err()).isEmpty();
        assertThat(Files.readString(config))
                .contains("\"auth\": \"" + auth("b:") + "\"", "\"identitytoken\": \"tok\"");
        line.corten("pull", "b.test/x");
        assertThat(shown())
                .isEqualTo(
                        "{\"username\":\"b\",\"serveraddress\":\"b.test\","
                                + "\"identitytoken\":\"tok\"}");
    }

    @Test
    void refusedIsNotKept() {
        line.daemon.answer("POST /auth", 401, "{\"message\":\"no\"}");
        assertThat(login("x", "login", "-u", "b", "--password-stdin", "b.test")).isEqualTo(1);
        assertThat(line.err()).isEqualTo("Error response from daemon: no\n");
        assertThat(config).doesNotExist();
    }

    @Test
    void asksAtATerminalWithoutShowingThePassword() {
        var terminal = new FakeConsole("ann\nsecret\n", true);
        assertThat(line.corten(terminal, "login", "r.test")).isZero();
        assertThat(line.out()).isEqualTo("Username: Password: \nLogin Succeeded\n");
        assertThat(terminal.silent).isFalse();
        assertThat(line.daemon.requests.getLast())
                .contains("\"username\":\"ann\"", "\"password\":\"secret\"");
        assertThat(line.corten("login", "other.test")).isEqualTo(1);
        assertThat(line.err())
                .isEqualTo("Error: Cannot perform an interactive login from a non TTY device\n");
    }

    @Test
    void credentialsThatAreThereAreTriedFirst() throws IOException {
        config("{\"auths\":{\"r.test\":{\"auth\":\"" + auth("ann:old") + "\"}}}");
        assertThat(line.corten("login", "r.test")).isZero();
        assertThat(line.err())
                .startsWith("Authenticating with existing credentials... [Username: ann]\n");
        assertThat(line.out()).isEqualTo("Login Succeeded\n");
        assertThat(line.daemon.requests.getLast()).contains("\"password\":\"old\"");
    }

    @Test
    void optionsThatContradictEachOther() {
        assertThat(line.corten("login", "-u", "a", "-p", "x", "--password-stdin")).isEqualTo(1);
        assertThat(line.err())
                .isEqualTo(
                        "conflicting options: cannot specify both --password and"
                                + " --password-stdin\n");
        line.corten("login", "--password-stdin");
        assertThat(line.err())
                .isEqualTo("the --password-stdin option requires --username to be set\n");
        line.corten("login", "-u", "");
        assertThat(line.err()).isEqualTo("username is empty\n");
        line.corten("login", "-u", "a", "-p", "x", "r.test");
        assertThat(line.err())
                .startsWith(
                        "WARNING! Using --password via the CLI is insecure. Use"
                                + " --password-stdin.\n");
    }

    @Test
    void helperKeepsWhatTheFileDoesNot() throws IOException {
        helper("safe");
        config("{\"credHelpers\":{\"r.test\":\"safe\"}}");
        assertThat(login("secret", "login", "-u", "ann", "--password-stdin", "r.test")).isZero();
        assertThat(line.err()).isEmpty();
        assertThat(Files.readString(config)).contains("\"r.test\": {}").doesNotContain("secret");
        line.corten("pull", "r.test/x");
        assertThat(shown())
                .isEqualTo(
                        "{\"username\":\"ann\",\"password\":\"secret\","
                                + "\"serveraddress\":\"r.test\"}");
        line.corten("logout", "r.test");
        assertThat(home.resolve("kept")).doesNotExist();
        line.corten("pull", "r.test/x");
        assertThat(shown()).isEqualTo("{}");
        assertThat(line.err()).isEmpty();
    }

    @Test
    void helperThatIsNotThereIsSaid() throws IOException {
        config("{\"credsStore\":\"gone\"}");
        line.corten("pull", "r.test/x");
        assertThat(line.err())
                .isEqualTo(
                        "WARNING: no credentials for r.test: error getting credentials - err: exec:"
                                + " \"docker-credential-gone\": executable file not found in"
                                + " $PATH, out: ``\n");
        assertThat(line.header("X-Registry-Auth")).isEqualTo("e30=");
    }

    @Test
    void variableComesFirst() {
        line.variables.put(
                "DOCKER_AUTH_CONFIG",
                "{\"auths\":{\"r.test\":{\"auth\":\"" + auth("v:w") + "\"}}}");
        line.corten("pull", "r.test/x");
        assertThat(shown()).contains("\"username\":\"v\"");
    }

    @Test
    void hubHasTheKeyOfOldTimes() throws IOException {
        login("x", "login", "-u", "b", "--password-stdin");
        assertThat(Files.readString(config)).contains("\"https://index.docker.io/v1/\": {");
        line.corten("pull", "busybox");
        assertThat(shown()).contains("\"serveraddress\":\"https://index.docker.io/v1/\"");
    }

    /// A program that keeps one secret in a file.
    private void helper(String name) throws IOException {
        Path program = home.resolve("docker-credential-" + name);
        Path kept = home.resolve("kept");
        Files.writeString(
                program,
                """
                #!/bin/sh
                case $1 in
                store) cat > %1$s;;
                erase) rm -f %1$s;;
                get) cat %1$s 2>/dev/null ||
                    { echo credentials not found in native keychain; exit 1; };;
                esac
                """
                        .formatted(kept));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        line.variables.merge("PATH", home.toString(), (path, more) -> more + ":" + path);
    }

    /// A registry whose login server the user has named: its name and token go to `/auth`, and what
    /// comes from there is kept.
    @Test
    void anotherRegistryByBrowser() throws IOException {
        String claims = "{\"preferred_username\":\"ann\"}";
        String token =
                "h."
                        + Base64.getUrlEncoder()
                                .encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                        + ".s";
        try (var server = new FakeLoginServer()) {
            server.answer(
                            "/realm/.well-known/openid-configuration",
                            200,
                            "{\"device_authorization_endpoint\":\"SERVER/d\","
                                    + "\"token_endpoint\":\"SERVER/t\"}")
                    .answer(
                            "/d",
                            200,
                            "{\"device_code\":\"x\",\"user_code\":\"A\\u001b[2JB\",\"interval\":0,"
                                    + "\"verification_uri\":\"https://id.test/in\"}")
                    .answer("/t", 200, "{\"access_token\":\"" + token + "\"}");
            config(
                    "{\"plugins\":{\"corten\":{\"device-login:r.test:5000\":\""
                            + server.address()
                            + "/realm/?client_id=tool\"}}}");
            line.daemon.answer(
                    "POST /auth",
                    200,
                    "{\"IdentityToken\":\"idt\",\"Status\":\"Login Succeeded\"}");
            assertThat(line.corten(new FakeConsole("", true), "login", "r.test:5000")).isZero();
            assertThat(line.out()).isEqualTo("Login Succeeded\n");
            assertThat(line.err())
                    .contains("USING WEB-BASED LOGIN", "A?[2JB", "https://id.test/in");
            assertThat(line.daemon.requests)
                    .containsExactly(
                            "POST /auth {\"username\":\"ann\",\"password\":\""
                                    + token
                                    + "\",\"serveraddress\":\"r.test:5000\"}");
            assertThat(Files.readString(config))
                    .contains("\"identitytoken\": \"idt\"")
                    .contains("device-login:r.test:5000");
            assertThat(server.requests())
                    .contains("POST /d client_id=tool&scope=openid+offline_access");
        }
    }

    @Test
    void whoGivesANameIsAskedForThePassword() throws IOException {
        config("{\"plugins\":{\"corten\":{\"device-login:r.test\":\"http://127.0.0.1:1/\"}}}");
        line.corten(new FakeConsole("pw\n", true), "login", "-u", "ann", "r.test");
        assertThat(line.out()).contains("Password: ").contains("Login Succeeded");
        line.corten("logout", "r.test");
        // Where nobody is, it falls back.
        line.corten(new FakeConsole("ann\npw\n", true), "login", "r.test");
        assertThat(line.err())
                .contains("Failed to start web-based login - falling back to command line login");
        assertThat(line.out()).contains("Username: ", "Login Succeeded");
        line.corten("logout", "r.test");
        line.variables.put("DOCKER_CLI_DISABLE_OAUTH_LOGIN", "true");
        line.corten(new FakeConsole("ann\npw\n", true), "login", "r.test");
        assertThat(line.err()).doesNotContain("web-based");
    }
}
