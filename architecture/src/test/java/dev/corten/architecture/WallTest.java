package dev.corten.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The patches that take out what keeps containers in. That the tests notice is seen by
/// `system-tests/wall/prove`; here, that it could still be tried.
final class WallTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern FIELD = Pattern.compile("(?m)^(Test|Build): (.+)$");

    @Test
    void everyPatchAppliesAndNamesTests() throws Exception {
        List<Path> patches = patches();
        assertThat(patches).hasSizeGreaterThan(20);
        var wrong = new ArrayList<String>();
        for (Path patch : patches) {
            String refused = apply(patch);
            if (!refused.isEmpty()) {
                wrong.add(patch.getFileName() + " does not apply: " + refused);
            }
            String text = Files.readString(patch);
            String head = text.substring(0, text.indexOf("\n---\n") + 1);
            assertThat(head).as(patch.toString()).startsWith("CVE-");
            var fields = new TreeSet<String>();
            for (var field : FIELD.matcher(head).results().toList()) {
                fields.add(field.group(1));
                if (field.group(1).equals("Test")) {
                    for (String test : field.group(2).split(", ")) {
                        if (!exists(test)) {
                            wrong.add(patch.getFileName() + ": there is no test " + test);
                        }
                    }
                }
            }
            assertThat(fields).as(patch.toString()).containsExactly("Build", "Test");
        }
        assertThat(wrong).as("change the patches in system-tests/src/test/wall too").isEmpty();
    }

    private static List<Path> patches() throws IOException {
        try (Stream<Path> found = Files.list(ROOT.resolve("system-tests/src/test/wall"))) {
            return found.filter(file -> file.toString().endsWith(".patch")).sorted().toList();
        }
    }

    /// What git says against it.
    private static String apply(Path patch) throws IOException, InterruptedException {
        var builder = new ProcessBuilder("git", "apply", "--check", patch.toString());
        builder.directory(ROOT.toFile()).redirectErrorStream(true);
        // A copy of the tree need not be a repository, and one around it is not meant.
        builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
        builder.environment().put("GIT_CEILING_DIRECTORIES", ROOT.getParent().toString());
        Process git = builder.start();
        git.getOutputStream().close();
        String said =
                new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return git.waitFor() == 0 ? "" : said;
    }

    /// @param test as `CLASS#METHOD`
    private static boolean exists(String test) throws IOException {
        String[] parts = test.split("#", 2);
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.map(m -> m.resolve("src/test/java")).toList()) {
                if (!Files.isDirectory(module)) {
                    continue;
                }
                try (Stream<Path> sources = Files.walk(module)) {
                    for (Path source : sources.toList()) {
                        if (source.endsWith(parts[0] + ".java")
                                && Files.readString(source).contains(" " + parts[1] + "(")) {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }
}
