package dev.corten.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Links between our documents lead somewhere.
final class LinksTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");
    private static final Pattern SCHEME = Pattern.compile("[a-z]+:.*");

    /// What is made, by the build or by a daemon, and what belongs to tools.
    private static final Set<String> NOT_OURS = Set.of("target", "build", ".git", ".corten");

    private static List<Path> documents(Path folder) throws IOException {
        var found = new ArrayList<Path>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.sorted().toList()) {
                String name = entry.getFileName().toString();
                if (Files.isDirectory(entry) && !NOT_OURS.contains(name)) {
                    found.addAll(documents(entry));
                } else if (name.endsWith(".md") && Files.isRegularFile(entry)) {
                    found.add(entry);
                }
            }
        }
        return found;
    }

    @Test
    void leadSomewhere() throws IOException {
        List<Path> documents = documents(ROOT);
        assertThat(documents).contains(ROOT.resolve("README.md"));
        var broken = new ArrayList<String>();
        for (Path document : documents) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                String target = link.group(1);
                if (!SCHEME.matcher(target).matches() && !exists(document, target)) {
                    broken.add(
                            "%s links to %s, which is not there"
                                    .formatted(ROOT.relativize(document), target));
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    private static boolean exists(Path document, String target) throws IOException {
        int hash = target.indexOf('#');
        String path = hash < 0 ? target : target.substring(0, hash);
        Path file = path.isEmpty() ? document : document.resolveSibling(path).normalize();
        if (!Files.exists(file)) {
            return false;
        }
        return hash < 0 || anchors(file).contains(target.substring(hash + 1));
    }

    /// As GitHub makes them of headings.
    private static Set<String> anchors(Path file) throws IOException {
        var anchors = new TreeSet<String>();
        Matcher heading = HEADING.matcher(Files.readString(file));
        while (heading.find()) {
            anchors.add(
                    heading.group(1)
                            .strip()
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^\\p{L}\\p{N} _-]", "")
                            .replace(' ', '-'));
        }
        return anchors;
    }
}
