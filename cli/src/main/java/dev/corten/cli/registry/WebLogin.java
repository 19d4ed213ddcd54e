package dev.corten.cli.registry;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.registry.LoginCalls.Answer;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/// `login` by web browser: shows a code, which somebody types at the login server's page, and gets
/// from there what the registry takes for a password.
final class WebLogin {
    /// Beside those of Docker Hub, as Docker's command line keeps them: for `logout`, which revokes.
    private static final String ACCESS_TOKEN = Credentials.HUB + "access-token";

    private static final String REFRESH_TOKEN = Credentials.HUB + "refresh-token";
    private static final String SEPARATOR = "..";

    private final Invocation invocation;
    private final String key;
    private final LoginServer server;
    private final LoginCalls calls;
    private final DeviceFlow flow;

    /// @param key of the registry's credentials
    WebLogin(Invocation invocation, String key, LoginServer server) {
        this.invocation = invocation;
        this.key = key;
        this.server = server;
        this.calls = new LoginCalls(invocation.environment());
        this.flow = new DeviceFlow(server, calls, time -> Thread.sleep(time));
    }

    /// The login server of a registry, unless the user wants none.
    static Optional<LoginServer> server(Invocation invocation, String key) {
        String never = invocation.environment().get("DOCKER_CLI_DISABLE_OAUTH_LOGIN");
        return never.matches("1|t|T|TRUE|true|True")
                ? Optional.empty()
                : LoginServer.of(key, invocation.config());
    }

    /// @param keep is given what is to be kept besides the result
    /// @return empty if the server does not begin
    /// @throws Failure if nobody was logged in
    Optional<RegistryCredentials> credentials(Consumer<RegistryCredentials> keep)
            throws IOException {
        DeviceFlow.Code code;
        try {
            code = flow.begin();
        } catch (IOException e) {
            invocation.setup().trace().accept("no login by browser: " + e.getMessage());
            invocation.warn(
                    "Failed to start web-based login - falling back to command line login...\n");
            return Optional.empty();
        }
        explain(code);
        DeviceFlow.Tokens tokens = await(code);
        return Optional.of(server.hub() ? ofHub(tokens, keep) : of(tokens));
    }

    private void explain(DeviceFlow.Code code) {
        Output err = invocation.err();
        boolean colored = invocation.console().isErrTerminal();
        err.line(bold("\nUSING WEB-BASED LOGIN"));
        String other =
                "To sign in with credentials on the command line, use '"
                        + invocation.program()
                        + " login -u <username>'";
        if (colored) {
            err.print("\n\033[1m\033[106m\033[30mi\033[0m\033[0m \033[96mInfo → \033[0m\033[0m");
            err.line("\033[3m" + other + "\033[0m").line("         \033[3m\033[0m");
        } else {
            err.line("\n Info -> " + other).line("         ");
        }
        err.line("");
        err.print("Your one-time device confirmation code is: ");
        err.print(bold(printable(code.userCode()) + "\n"));
        err.print(bold("Press ENTER") + " to open your browser or submit your device code here: ");
        err.print("\033[4m" + printable(code.page()) + "\n\033[0m");
        err.print("\nWaiting for authentication in the browser…\n").flush();
    }

    private static String bold(String text) {
        return "\033[1m" + text + "\033[0m";
    }

    /// A login server does not command the terminal.
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    private DeviceFlow.Tokens await(DeviceFlow.Code code) {
        Thread.ofPlatform().daemon().name("enter").start(() -> openOnEnter(code.completePage()));
        try {
            return flow.await(code);
        } catch (IOException e) {
            throw new Failure("failed waiting for authentication: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("login canceled");
        }
    }

    private void openOnEnter(String page) {
        try {
            int typed;
            do {
                typed = invocation.console().in().read();
            } while (typed >= 0 && typed != '\n');
            if (typed == '\n') {
                new Browser(invocation.environment()).open(page);
            }
        } catch (IOException e) {
            // Nothing can be typed here: the page is opened elsewhere.
            return;
        }
    }

    /// As Docker's command line: a password made on the spot, and the tokens by which it was made.
    private RegistryCredentials ofHub(DeviceFlow.Tokens tokens, Consumer<RegistryCredentials> keep)
            throws IOException {
        String user;
        try {
            user = TokenClaims.of(tokens.access()).hubUser();
        } catch (IOException e) {
            throw new Failure("failed to parse token claims: " + e.getMessage());
        }
        if (user.isEmpty()) {
            throw new Failure("failed to parse token claims: no name in them");
        }
        keep.accept(new RegistryCredentials(user, tokens.access(), ACCESS_TOKEN, "", ""));
        keep.accept(
                new RegistryCredentials(
                        user,
                        tokens.refresh() + SEPARATOR + server.clientId(),
                        REFRESH_TOKEN,
                        "",
                        ""));
        Answer answer =
                calls.postAs(
                        server.audience() + "/v2/access-tokens/desktop-generate", tokens.access());
        if (answer.status() != 201) {
            throw new Failure("unexpected response from Hub: " + answer.status());
        }
        String password = answer.body().get("data").get("token").text("");
        return new RegistryCredentials(user, password, key, "", "");
    }

    /// Other registries take the access token for a password, once: what `/auth` makes of it is kept.
    private RegistryCredentials of(DeviceFlow.Tokens tokens) {
        for (String token : new String[] {tokens.id(), tokens.access()}) {
            try {
                String user = TokenClaims.of(token).user();
                if (!user.isEmpty()) {
                    return new RegistryCredentials(user, tokens.access(), key, "", "");
                }
            } catch (IOException e) {
                invocation.setup().trace().accept("a token without a name: " + e.getMessage());
            }
        }
        throw new Failure("the login server did not say who you are");
    }

    /// Has the tokens of an earlier login to Docker Hub revoked, and forgets them.
    static void logout(Invocation invocation) {
        var store = new Credentials(invocation).store(Credentials.HUB);
        try {
            String[] kept = store.get(REFRESH_TOKEN).password().split("\\.\\.", -1);
            Optional<LoginServer> server = LoginServer.of(Credentials.HUB, invocation.config());
            if (kept.length != 2 || server.isEmpty()) {
                return;
            }
            // First, so that nothing is left of a server that is not there any more.
            store.erase(ACCESS_TOKEN);
            store.erase(REFRESH_TOKEN);
            revoke(invocation, server.get(), kept[0]);
        } catch (IOException e) {
            invocation.warn("WARNING: " + e.getMessage());
        }
    }

    private static void revoke(Invocation invocation, LoginServer server, String token)
            throws IOException {
        try {
            var calls = new LoginCalls(invocation.environment());
            new DeviceFlow(server, calls, _ -> {}).revoke(token);
        } catch (IOException e) {
            throw new IOException(
                    "credentials erased successfully, but there was a failure to revoke the OAuth"
                            + " refresh token with the tenant: "
                            + e.getMessage(),
                    e);
        }
    }
}
