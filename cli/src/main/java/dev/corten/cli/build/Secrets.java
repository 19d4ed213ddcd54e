package dev.corten.cli.build;

import dev.corten.cli.build.session.Channel;
import dev.corten.cli.console.Environment;
import dev.corten.cli.failure.Failure;
import dev.corten.model.RawText;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What `--secret` gives to a build: the contents of files or variables, read when they are asked
/// for.
final class Secrets {
    private static final int BYTES_MAX = 500 * 1024;

    /// @param variable whether [from] is one, else it is a file
    private record Source(boolean variable, String from) {}

    private final Map<String, Source> sources = new LinkedHashMap<>();
    private final Environment environment;

    /// @throws Failure in the words of buildx
    Secrets(List<String> given, Environment environment) {
        this.environment = environment;
        for (String text : given) {
            Attributes secret = Attributes.parse(text);
            String id = secret.get("id");
            String file = secret.get("src").isEmpty() ? secret.get("source") : secret.get("src");
            String variable = secret.get("env");
            if (!secret.type().isEmpty()
                    && !secret.type().equals("file")
                    && !secret.type().equals("env")) {
                throw new Failure("ERROR: unsupported secret type \"" + secret.type() + "\"");
            }
            if (secret.type().equals("env") && variable.isEmpty()) {
                variable = file;
                file = "";
            }
            if (file.isEmpty() && variable.isEmpty()) {
                boolean known = environment.variables().containsKey(id);
                variable = known ? id : "";
                file = known ? "" : id;
            }
            boolean fromFile = !file.isEmpty();
            if (fromFile) {
                check(id, file);
            }
            sources.put(id, new Source(!fromFile, fromFile ? file : variable));
        }
    }

    private static void check(String id, String name) {
        var file = new File(name);
        if (!file.exists()) {
            throw BuildFailures.of(
                    "failed to stat " + name + ": stat " + name + ": no such file or directory");
        }
        if (file.length() > BYTES_MAX) {
            throw BuildFailures.of("secret " + id + " too big. max size 500KB");
        }
    }

    Set<String> ids() {
        return sources.keySet();
    }

    void send(String id, Channel channel) throws IOException {
        Source source = sources.get(id);
        if (source == null) {
            throw new IOException("secret " + id + ": not found");
        }
        byte[] bytes;
        if (source.variable()) {
            bytes = RawText.encode(environment.get(source.from()));
        } else {
            try (var in = new FileInputStream(source.from())) {
                bytes = in.readNBytes(BYTES_MAX + 1);
            }
        }
        if (bytes.length > BYTES_MAX) {
            throw new IOException("secret " + id + " too big. max size 500KB");
        }
        channel.write(bytes, 0, bytes.length);
    }
}
