package dev.corten.cli.registry;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.credential.CredentialStore;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import dev.corten.model.Unauthorized;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// `login`: shows credentials to a registry and keeps them if it takes them.
public final class LoginCommand implements Command {
    private static final String HUB_NAME = "docker.io";

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('p', "password", FlagType.STRING, "Password or Personal Access Token (PAT)")
                .add(
                        FlagTable.NONE,
                        "password-stdin",
                        FlagType.BOOL,
                        "Take the Password or Personal Access Token (PAT) from stdin")
                .add('u', "username", FlagType.STRING, "Username");
    }

    @Override
    public String about() {
        return "Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.";
    }

    @Override
    public Arity arity() {
        return Arity.between(0, 1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        check(flags);
        String user = flags.text("username");
        String password = password(invocation);
        var credentials = new Credentials(invocation);
        warnOfVariable(invocation, credentials);
        List<String> arguments = invocation.arguments();
        String server = arguments.isEmpty() ? HUB_NAME : arguments.getFirst();
        String key =
                server.equals(HUB_NAME) || server.equals(Credentials.HUB)
                        ? Credentials.HUB
                        : Credentials.host(server);
        var login = new Login(invocation, credentials.store(key));
        String known = "";
        if (user.isEmpty() && password.isEmpty()) {
            RegistryCredentials stored = login.stored(key);
            if (!stored.username().isEmpty() && !stored.password().isEmpty()) {
                if (login.again(stored)) {
                    return 0;
                }
                known = stored.username();
            }
        }
        if ((user.isEmpty() || password.isEmpty()) && !invocation.console().isInTerminal()) {
            throw new Failure("Error: Cannot perform an interactive login from a non TTY device");
        }
        Optional<LoginServer> browser = WebLogin.server(invocation, key);
        if (user.isEmpty() && password.isEmpty() && browser.isPresent()) {
            Optional<RegistryCredentials> shown =
                    new WebLogin(invocation, key, browser.get()).credentials(login::save);
            if (shown.isPresent()) {
                login.with(shown.get());
                return 0;
            }
        }
        var prompt = new LoginPrompt(invocation, key);
        String name = user.isBlank() ? prompt.username(known) : user.strip();
        String secret = password.isBlank() ? prompt.password() : password;
        login.with(new RegistryCredentials(name, secret, key, "", ""));
        return 0;
    }

    private static void check(Flags flags) {
        if (flags.isGiven("password-stdin")) {
            if (flags.isGiven("password")) {
                throw new Failure(
                        "conflicting options: cannot specify both --password and"
                                + " --password-stdin");
            }
            if (!flags.isGiven("username")) {
                throw new Failure("the --password-stdin option requires --username to be set");
            }
        }
        if (flags.isGiven("username") && flags.text("username").isEmpty()) {
            throw new Failure("username is empty");
        }
        if (flags.isGiven("password") && flags.text("password").isEmpty()) {
            throw new Failure("password is empty");
        }
    }

    /// As an option says it, or as it comes in; empty if it is to be asked for.
    private static String password(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        if (flags.isGiven("password")) {
            invocation.warn(
                    "WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
            return flags.text("password");
        }
        if (!flags.isSet("password-stdin")) {
            return "";
        }
        byte[] all = invocation.console().in().readAllBytes();
        String text = new String(all, StandardCharsets.UTF_8);
        for (String end : new String[] {"\n", "\r"}) {
            if (text.endsWith(end)) {
                text = text.substring(0, text.length() - 1);
            }
        }
        if (text.isEmpty()) {
            throw new Failure("password is empty");
        }
        return text;
    }

    static void warnOfVariable(Invocation invocation, Credentials credentials) {
        String variable = credentials.variable();
        if (!variable.isEmpty()) {
            invocation.warn(
                    "\n Warn -> "
                            + variable
                            + " is set and takes precedence.\n         Unset "
                            + variable
                            + " to restore the CLI auth behaviour.\n         ");
        }
    }

    /// One attempt after another with the same registry.
    private static final class Login {
        private final Invocation invocation;
        private final CredentialStore store;
        private boolean warned;

        Login(Invocation invocation, CredentialStore store) {
            this.invocation = invocation;
            this.store = store;
        }

        RegistryCredentials stored(String key) {
            try {
                return store.get(key);
            } catch (IOException e) {
                invocation.setup().trace().accept("no stored credentials: " + e.getMessage());
                return RegistryCredentials.NONE;
            }
        }

        /// With what is stored already.
        ///
        /// @return whether the registry takes it
        boolean again(RegistryCredentials stored) throws IOException {
            invocation.warn(
                    "Authenticating with existing credentials... [Username: "
                            + stored.username()
                            + "]\n\n Info -> To login with a different account, run '"
                            + invocation.program()
                            + " logout' followed by '"
                            + invocation.program()
                            + " login'\n\n");
            try {
                with(stored);
                return true;
            } catch (Unauthorized e) {
                invocation.warn("Stored credentials invalid or expired");
            } catch (CortenException e) {
                invocation.warn(
                        "Login did not succeed, error: Error response from daemon: " + e.message());
            }
            return false;
        }

        void with(RegistryCredentials given) throws IOException {
            Json answer =
                    invocation.api().json(Request.post("/auth").json(Credentials.json(given)));
            String token = answer.get("IdentityToken").text("");
            RegistryCredentials kept =
                    token.isEmpty()
                            ? given
                            : new RegistryCredentials(
                                    given.username(), "", given.serverAddress(), token, "");
            save(kept);
            String status = answer.get("Status").text("");
            if (!status.isEmpty()) {
                invocation.out().line(status).flush();
            }
        }

        void save(RegistryCredentials kept) {
            try {
                boolean known = kept.equals(store.get(kept.serverAddress()));
                if (known) {
                    return;
                }
                store.store(kept);
            } catch (IOException e) {
                throw new Failure("Error saving credentials: " + e.getMessage());
            }
            if (!warned && store.isUnencrypted() && !kept.password().isEmpty()) {
                warned = true;
                invocation.warn(
                        "\nWARNING! Your credentials are stored unencrypted in '"
                                + invocation.config().path()
                                + "'.\nConfigure a credential helper to remove this warning. See\n"
                                + "https://docs.docker.com/go/credential-store/\n");
            }
        }
    }
}
