package dev.corten.engine.container;

import dev.corten.runtime.ExitStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads `exit.json`, which a monitor writes (docs/formats/shim-protocol.md, section 7).
final class ExitFile {
    private static final JsonMapper JSON = JsonMapper.shared();

    private ExitFile() {}

    /// Empty if there is none.
    static Optional<ExitStatus> read(Path file) throws IOException {
        try {
            JsonNode exit = JSON.readTree(Files.readAllBytes(file));
            return Optional.of(
                    new ExitStatus(
                            exit.required("status").asInt(),
                            exit.required("oomKilled").asBoolean(),
                            Instant.parse(exit.required("exitedAt").asString())));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JacksonException e) {
            throw new IOException(file + " is damaged", e);
        }
    }
}
