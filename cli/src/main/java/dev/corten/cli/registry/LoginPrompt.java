package dev.corten.cli.registry;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.failure.Failure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// Asks at the terminal for what the options of `login` do not say.
final class LoginPrompt {
    private final Invocation invocation;
    private final boolean hub;

    LoginPrompt(Invocation invocation, String key) {
        this.invocation = invocation;
        this.hub = key.equals(Credentials.HUB);
    }

    /// @param known who was logged in last; empty for nobody
    String username(String known) throws IOException {
        Output out = invocation.out();
        if (hub) {
            out.line(
                    "Log in with your Docker ID or email address to push and pull images from"
                            + " Docker Hub. If you don't have a Docker ID, head over to"
                            + " https://hub.docker.com/ to create one.");
            out.line(
                    "You can log in with your password or a Personal Access Token (PAT). Using a"
                            + " limited-scope PAT grants better security and is required for"
                            + " organizations using SSO. Learn more at"
                            + " https://docs.docker.com/go/access-tokens/");
            out.line("");
        }
        out.print(known.isEmpty() ? "Username: " : "Username (" + known + "): ").flush();
        String typed = line().strip();
        if (typed.isEmpty() && known.isEmpty()) {
            throw new Failure("Error: Non-null Username Required");
        }
        return typed.isEmpty() ? known : typed;
    }

    String password() throws IOException {
        Output out = invocation.out();
        if (hub) {
            invocation.warn(
                    "\n Info -> A Personal Access Token (PAT) can be used instead.\n"
                            + "         To create a PAT, visit"
                            + " https://app.docker.com/settings\n         \n         ");
        }
        String typed;
        try (var _ = invocation.console().silent()) {
            out.print("Password: ").flush();
            typed = line();
        } finally {
            out.line("").flush();
        }
        if (typed.isEmpty()) {
            throw new Failure("Error: Password Required");
        }
        return typed;
    }

    /// Byte by byte, so that nothing is taken that belongs to the next question.
    private String line() throws IOException {
        InputStream in = invocation.console().in();
        var line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            line.write(b);
        }
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
