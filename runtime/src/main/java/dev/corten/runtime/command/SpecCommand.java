package dev.corten.runtime.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/// `spec`: a `config.json` to start from.
final class SpecCommand {
    static final Flags.Known FLAGS =
            new Flags.Known(Set.of("rootless"), Set.of("bundle"), Map.of("b", "bundle"), false);

    private SpecCommand() {}

    static void run(Flags flags) throws IOException, Failure {
        if (flags.has("rootless")) {
            throw new Failure("--rootless is not supported");
        }
        Path file = Path.of(flags.find("bundle").orElse(".")).resolve("config.json");
        try (InputStream template = SpecCommand.class.getResourceAsStream("config.json")) {
            if (template == null) {
                throw new IllegalStateException("no resource config.json");
            }
            Files.copy(template, file);
        } catch (FileAlreadyExistsException e) {
            throw new Failure("File config.json exists. Remove it first", e);
        }
    }
}
