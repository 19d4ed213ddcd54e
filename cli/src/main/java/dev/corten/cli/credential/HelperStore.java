package dev.corten.cli.credential;

import dev.corten.cli.console.Environment;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.model.image.RegistryCredentials;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// A program `docker-credential-NAME` that keeps credentials in its own way: it is run with a verb,
/// gets a key or a document on its input, and answers with a document or a message.
///
/// `config.json` gets an entry without credentials, so that one sees where somebody is logged in.
final class HelperStore implements CredentialStore {
    private static final String PREFIX = "docker-credential-";

    /// Stands in the name's place where the secret is an identity token.
    private static final String TOKEN = "<token>";

    private static final String NOT_FOUND = "credentials not found in native keychain";

    private final String program;
    private final FileStore file;
    private final Environment environment;

    HelperStore(String name, FileStore file, Environment environment) {
        this.program = PREFIX + name;
        this.file = file;
        this.environment = environment;
    }

    /// Whether a program of that name could be run.
    static boolean exists(String program, Environment environment) {
        return !find(program, environment).isEmpty();
    }

    static boolean hasHelper(String name, Environment environment) {
        return exists(PREFIX + name, environment);
    }

    @Override
    public RegistryCredentials get(String key) throws IOException {
        Answer answer = ask("get", key);
        if (answer.status != 0) {
            if (answer.text.equals(NOT_FOUND)) {
                return RegistryCredentials.NONE;
            }
            throw answer.failure("getting");
        }
        Json found = Json.parse(answer.text.getBytes(StandardCharsets.UTF_8));
        String username = found.get("Username").text("");
        String secret = found.get("Secret").text("");
        return username.equals(TOKEN)
                ? new RegistryCredentials("", "", key, secret, "")
                : new RegistryCredentials(username, secret, key, "", "");
    }

    @Override
    public void store(RegistryCredentials credentials) throws IOException {
        boolean token = !credentials.identityToken().isEmpty();
        var document = new JsonWriter(true).object();
        document.name("ServerURL").value(credentials.serverAddress());
        document.name("Username").value(token ? TOKEN : credentials.username());
        document.name("Secret").value(token ? credentials.identityToken() : credentials.password());
        Answer answer = ask("store", document.end() + "\n");
        if (answer.status != 0) {
            throw answer.failure("storing");
        }
        file.store(new RegistryCredentials("", "", credentials.serverAddress(), "", ""));
    }

    @Override
    public void erase(String key) throws IOException {
        Answer answer = ask("erase", key);
        if (answer.status != 0) {
            throw answer.failure("erasing");
        }
        file.erase(key);
    }

    @Override
    public boolean isUnencrypted() {
        return false;
    }

    /// What the program said.
    private record Answer(int status, String text) {
        IOException failure(String doing) {
            return new IOException(
                    "error "
                            + doing
                            + " credentials - err: exit status "
                            + status
                            + ", out: `"
                            + text
                            + "`");
        }
    }

    private Answer ask(String verb, String input) throws IOException {
        String path = find(program, environment);
        if (path.isEmpty()) {
            String doing =
                    switch (verb) {
                        case "get" -> "getting";
                        case "store" -> "storing";
                        default -> "erasing";
                    };
            throw new IOException(
                    "error "
                            + doing
                            + " credentials - err: exec: \""
                            + program
                            + "\": executable file not found in $PATH, out: ``");
        }
        var builder = new ProcessBuilder(path, verb);
        builder.environment().clear();
        builder.environment().putAll(environment.variables());
        builder.redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process = builder.start();
        try (var in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It has ended without reading: its status says more than our broken pipe.
        }
        byte[] said = process.getInputStream().readAllBytes();
        try {
            return new Answer(process.waitFor(), new String(said, StandardCharsets.UTF_8).strip());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + program + " was running", e);
        }
    }

    /// Its path by the caller's `PATH`; empty if there is none.
    private static String find(String program, Environment environment) {
        for (String folder : environment.get("PATH").split(":")) {
            var file = new File(folder.isEmpty() ? "." : folder, program);
            if (file.isFile() && file.canExecute()) {
                return file.getPath();
            }
        }
        return "";
    }
}
