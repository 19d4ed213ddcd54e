package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The tests and the lists that they refer to agree: no engine is needed to see that.
class CheckedInListsTest {
    private static final Path SOURCES = Path.of("src/test/java/dev/corten/systests");
    private static final Path DIFFERENCES = Path.of("../docs/differences.md");
    private static final int SESSIONS = 60;

    private final List<Transcript> transcripts = Transcript.all(TranscriptTest.SESSIONS);

    /// What is recorded of Docker's builds is of the corpus, and enough.
    @Test
    void theCorpusIsRecorded() {
        List<BuildCase> all = BuildCase.all();
        assertThat(all).hasSizeGreaterThanOrEqualTo(60);
        var absent = new ArrayList<String>();
        int run = 0;
        for (BuildCase build : all) {
            for (String builder : build.recordedBy()) {
                if (!Files.exists(build.recorded(builder))) {
                    absent.add(build.recorded(builder).toString());
                }
            }
            run += build.recordedBy().contains("buildkit") && !build.run().isEmpty() ? 1 : 0;
        }
        assertThat(absent).isEmpty();
        assertThat(run).isGreaterThanOrEqualTo(25);
    }

    @Test
    void rowsThatTestsShowAreInTheTable() throws IOException, ClassNotFoundException {
        var shown = new TreeSet<String>();
        for (Transcript transcript : transcripts) {
            assertThat(transcript.shows()).as(transcript.name()).isNotEmpty();
            shown.addAll(transcript.shows());
        }
        for (BuildCase build : BuildCase.all()) {
            assertThat(build.shows()).as(build.name()).isNotEmpty();
            shown.addAll(build.shows());
        }
        for (Class<?> test : testClasses()) {
            add(shown, test);
            for (var method : test.getDeclaredMethods()) {
                add(shown, method);
            }
        }
        assertThat(shown).isSubsetOf(rows());
    }

    private static void add(Set<String> shown, AnnotatedElement element) {
        Shows shows = element.getAnnotation(Shows.class);
        if (shows != null) {
            shown.addAll(List.of(shows.value()));
        }
    }

    private static List<Class<?>> testClasses() throws IOException, ClassNotFoundException {
        var classes = new ArrayList<Class<?>>();
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.filter(f -> f.toString().endsWith("Test.java")).toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                classes.add(Class.forName(CheckedInListsTest.class.getPackageName() + "." + name));
            }
        }
        return classes;
    }

    private static Set<String> rows() throws IOException {
        var rows = new TreeSet<String>();
        for (String line : Files.readAllLines(Path.of("src/test/resources/features.tsv"))) {
            String[] cells = line.split("\t");
            if (line.startsWith("#")) {
                continue;
            }
            if (cells[0].contains("-")) {
                rows.add(cells[0]);
            } else {
                for (int i = 1; i <= Integer.parseInt(cells[1]); i++) {
                    rows.add("%s-%02d".formatted(cells[0], i));
                }
            }
        }
        return rows;
    }

    @Test
    void thereAreEnoughSessions() {
        assertThat(transcripts).hasSizeGreaterThanOrEqualTo(SESSIONS);
    }

    @Test
    void everyDifferenceOfASessionIsExplained() throws IOException {
        var explained = new TreeSet<String>();
        var paragraph = Pattern.compile("(?m)^\\*\\*(.+?)\\*\\*", Pattern.DOTALL);
        paragraph
                .matcher(Files.readString(DIFFERENCES, UTF_8))
                .results()
                .forEach(match -> explained.add(anchor(match.group(1))));
        for (Transcript transcript : transcripts) {
            for (Transcript.Step step : transcript.steps()) {
                if (step.difference() instanceof Transcript.Difference difference) {
                    assertThat(explained).as(transcript.name()).contains(difference.anchor());
                    assertThat(difference.ours())
                            .as("%s: %s is no difference", transcript.name(), step.command())
                            .isNotEqualTo(step.docker());
                }
            }
        }
    }

    /// As headings are linked to: `Ports have no proxy.` is `ports-have-no-proxy`.
    private static String anchor(String text) {
        return text.toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^\\p{Alnum}\\s_-]", "")
                .strip()
                .replaceAll("\\s+", "-");
    }
}
