package dev.corten.archive.ignore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The list of patterns that the system tests have asked Docker about, without any build.
final class IgnoreListTest {
    private static final Path LIST = Path.of("../system-tests/src/test/corpus/ignore.list");
    private static final int ENOUGH = 60;

    @Test
    void leavesOutWhatDockerDoes() throws IOException {
        List<String> lines = Files.readAllLines(LIST);
        var files = new ArrayList<String>();
        lines.stream()
                .filter(line -> line.startsWith("# files: "))
                .flatMap(line -> Stream.of(line.substring(9).split(" ")))
                .map(IgnoreListTest::blanks)
                .forEach(files::add);
        files.addAll(List.of("Dockerfile", ".dockerignore"));
        List<String> cases = lines.stream().dropWhile(line -> line.startsWith("# ")).toList();
        var expected = new ArrayList<String>();
        var came = new ArrayList<String>();
        for (int i = 0; i + 1 < cases.size(); i += 2) {
            String patterns = cases.get(i);
            expected.add(patterns + ": " + cases.get(i + 1).strip());
            came.add(patterns + ": " + ignored(blanks(patterns).replace(" | ", "\n"), files));
        }
        assertThat(came).isEqualTo(expected).hasSizeGreaterThan(ENOUGH);
    }

    private static String ignored(String text, List<String> files) {
        IgnoreRules rules = IgnoreRules.read(text.getBytes(UTF_8));
        List<String> gone =
                files.stream()
                        .filter(file -> isIgnored(rules, file))
                        .map(file -> file.replace(" ", "\u2423"))
                        .toList();
        return gone.isEmpty() ? "nothing" : String.join(" ", gone);
    }

    /// As a walk sees it: what is below an ignored directory is looked at only if it has to be.
    private static boolean isIgnored(IgnoreRules rules, String file) {
        for (int slash = file.indexOf('/'); slash > 0; slash = file.indexOf('/', slash + 1)) {
            String folder = file.substring(0, slash);
            if (rules.ignores(folder) && rules.ignoresAllIn(folder)) {
                return true;
            }
        }
        return rules.ignores(file);
    }

    private static String blanks(String text) {
        return text.replace("\u2423", " ");
    }
}
