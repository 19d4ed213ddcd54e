package dev.corten.build.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.archive.ignore.IgnoreRules;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.DockerfileException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What BuildKit 0.25 says of the same file.
class CopyChecksTest {
    private static List<String> check(String options, String... lines) throws DockerfileException {
        String text = "FROM busybox\n" + String.join("\n", lines) + "\n";
        Dockerfile file = Dockerfile.parse(text.getBytes(StandardCharsets.UTF_8));
        var warnings = new Warnings(CheckOptions.parse(options));
        IgnoreRules ignored = IgnoreRules.of(List.of("*.txt", "d/*", "!d/keep", "secret"));
        file.stages()
                .getFirst()
                .instructions()
                .forEach(instruction -> CopyChecks.run(instruction, ignored, warnings));
        return warnings.list().stream().map(w -> w.firstLine() + " " + w.message()).toList();
    }

    @Test
    void sourcesThatAreLeftOut() throws Exception {
        assertThat(
                        check(
                                "experimental=all",
                                "COPY a.txt d/b.txt /x/",
                                "ADD a.txt d/keep /x/",
                                "COPY d /x/",
                                "COPY *.txt /x/",
                                "COPY secret/x ../a.txt ./a.txt /y/"))
                .containsExactly(
                        "2 Attempting to Copy file \"a.txt\" that is excluded by .dockerignore",
                        "2 Attempting to Copy file \"d/b.txt\" that is excluded by .dockerignore",
                        "3 Attempting to Add file \"a.txt\" that is excluded by .dockerignore",
                        "5 Attempting to Copy file \"*.txt\" that is excluded by .dockerignore",
                        "6 Attempting to Copy file \"secret/x\" that is excluded by"
                                + " .dockerignore");
    }

    @Test
    void othersThanTheContext() throws Exception {
        assertThat(
                        check(
                                "experimental=all",
                                "COPY --from=busybox a.txt /y/",
                                "ADD https://localhost/a.txt /y/",
                                "COPY <<a.txt /z/",
                                "hello",
                                "a.txt",
                                "ONBUILD COPY a.txt /"))
                .isEmpty();
    }

    @Test
    void offUnlessItIsAskedFor() throws Exception {
        assertThat(check("", "COPY a.txt /x/")).isEmpty();
    }
}
