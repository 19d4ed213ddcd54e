package dev.corten.cli.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.archive.ignore.IgnoreRules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MissingFileTest {
    @TempDir Path folder;

    private String advice(String missing, String instruction) throws IOException {
        Files.createDirectories(folder.resolve("src"));
        Files.writeString(folder.resolve("src/server.js"), "");
        Files.writeString(folder.resolve("secret.txt"), "");
        byte[] dockerfile = ("FROM busybox\n" + instruction).getBytes(StandardCharsets.UTF_8);
        var definition =
                new Definition(
                        new Source.Directory(folder.toString()),
                        Optional.of(dockerfile),
                        "Dockerfile",
                        "Dockerfile",
                        Optional.empty(),
                        IgnoreRules.of(List.of("secret.txt")),
                        InputStream.nullInputStream());
        String message =
                "failed to compute cache key: failed to calculate checksum of ref: \"/"
                        + missing
                        + "\": not found";
        return MissingFile.advice(message, definition, dockerfile, 2, 2);
    }

    @Test
    void theNearestNameIsNamed() throws IOException {
        assertThat(advice("src/servr.js", "COPY src/servr.js /"))
                .isEqualTo("Did you mean \"src/server.js\"?");
    }

    @Test
    void whatIsIgnoredIsSaidToBe() throws IOException {
        assertThat(advice("secret.txt", "COPY secret.txt /"))
                .isEqualTo("\"secret.txt\" is there, but .dockerignore leaves it out.");
        assertThat(advice("secret.tx", "COPY secret.tx /")).isEmpty();
    }

    @Test
    void otherStagesAreNotLookedForHere() throws IOException {
        assertThat(advice("src/servr.js", "COPY --from=a src/servr.js /")).isEmpty();
        assertThat(advice("nothing-like-it", "COPY nothing-like-it /")).isEmpty();
    }
}
