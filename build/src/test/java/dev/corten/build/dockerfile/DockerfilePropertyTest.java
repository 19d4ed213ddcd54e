package dev.corten.build.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.build.check.CheckOptions;
import dev.corten.build.check.FileChecks;
import dev.corten.build.check.Warnings;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Whatever is in a Dockerfile, it is read or refused with a place in it.
class DockerfilePropertyTest {
    private static final int FILES = 20_000;
    private static final long SEED = Long.getLong("seed", new Random().nextLong());

    private static final List<String> PIECES =
            List.of(
                    "FROM ",
                    "from a AS b",
                    "RUN ",
                    "COPY ",
                    "ADD ",
                    "ENV ",
                    "ARG ",
                    "ONBUILD ",
                    "HEALTHCHECK ",
                    "CMD ",
                    "SHELL ",
                    "LABEL ",
                    "--from=a ",
                    "--mount=",
                    "--link ",
                    "type=cache,target=/x",
                    "<<EOF",
                    "<<-'E'",
                    "EOF",
                    "E",
                    "\n",
                    "\n",
                    "\n",
                    "\\\n",
                    "\\",
                    "`",
                    "\"",
                    "'",
                    "$",
                    "${",
                    "}",
                    ":-",
                    "[\"a\"]",
                    "[",
                    "]",
                    ",",
                    "# ",
                    "# escape=`\n",
                    "#check=skip=all\n",
                    "\t",
                    " ",
                    "\r\n",
                    "=",
                    "a",
                    "b=c",
                    "1",
                    "CMD NONE",
                    "\uFEFF",
                    "한",
                    "\0");

    private static String file(Random random) {
        var text = new StringBuilder(random.nextBoolean() ? "FROM a\n" : "");
        int pieces = random.nextInt(30);
        for (int i = 0; i < pieces; i++) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    @Test
    void anyText() {
        var random = new Random(SEED);
        int read = 0;
        for (int i = 0; i < FILES; i++) {
            String text = file(random);
            try {
                Dockerfile file = Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8));
                FileChecks.run(file, new Warnings(CheckOptions.DEFAULT));
                assertThat(file.stages()).isNotEmpty();
                read++;
            } catch (DockerfileException e) {
                int lines = text.split("\n", -1).length;
                assertThat(e.position().line()).as("%s: %s", SEED, text).isBetween(1, lines);
                assertThat(e.position().column()).isPositive();
                assertThat(e.lastLine()).isBetween(e.position().line(), lines);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + SEED + ": " + text, e);
            }
        }
        // A reader that refuses everything would pass otherwise.
        assertThat(read).isGreaterThan(FILES / 50);
    }

    @Test
    void anyBytes() {
        var random = new Random(SEED);
        for (int i = 0; i < FILES / 10; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            try {
                Dockerfile.parse(bytes);
            } catch (DockerfileException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Test
    void anyWord() {
        var random = new Random(SEED);
        for (int i = 0; i < FILES; i++) {
            String text = file(random);
            try {
                new ShellWords('\\', name -> name.length() > 1 ? null : name).word(text);
            } catch (ShellWords.Malformed e) {
                assertThat(e.complaint()).startsWith("failed to process ");
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + SEED + ": " + text, e);
            }
        }
    }
}
