package dev.corten.build.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.file.CopyRequest.Rules;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Xattrs;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is chosen by `--exclude` and `--parents`, and what digests depend on.
class SelectionTest {
    @TempDir Path dir;

    private Path source;

    @BeforeEach
    void tree() throws IOException {
        source = Files.createDirectory(dir.resolve("source"));
        for (String name : List.of("a/b/c", "a/x")) {
            Files.createDirectories(source.resolve(name));
        }
        for (String name :
                List.of(
                        "a/1.txt",
                        "a/2.md",
                        "a/b/3.txt",
                        "a/b/4.md",
                        "a/b/c/5.txt",
                        "a/x/6.txt",
                        "home.txt",
                        "home.md")) {
            Files.writeString(source.resolve(name), name);
        }
        Files.createSymbolicLink(source.resolve("a/b/l3"), Path.of("3.txt"));
        FileCalls.chmod(Fd.CWD, source.resolve("a").toString(), 0700);
        FileCalls.chmod(Fd.CWD, source.resolve("a/b").toString(), 0711);
    }

    private static CopyRequest request(
            boolean parents, List<String> exclude, boolean keepOwner, String... sources) {
        return new CopyRequest(
                Rules.BUILDKIT,
                List.of(sources),
                "/x/",
                "",
                "",
                parents,
                exclude,
                false,
                keepOwner,
                Optional.empty(),
                false);
    }

    private List<String> copied(CopyRequest request) throws IOException {
        Path target = Files.createTempDirectory(dir, "target");
        try (Fd from = FileCalls.openDirectory(source.toString());
                Fd to = FileCalls.openDirectory(target.toString())) {
            FileCopy.copy(from, to, request);
        }
        var names = new ArrayList<String>();
        Path x = target.resolve("x");
        try (var paths = Files.walk(x)) {
            for (Path path : paths.sorted().skip(1).toList()) {
                boolean directory =
                        Files.isDirectory(path, java.nio.file.LinkOption.NOFOLLOW_LINKS);
                names.add(x.relativize(path) + (directory ? "/" : ""));
            }
        }
        return names;
    }

    private List<String> excluding(List<String> patterns, String... sources) throws IOException {
        return copied(request(false, patterns, false, sources));
    }

    private List<String> parents(String... sources) throws IOException {
        return copied(request(true, List.of(), false, sources));
    }

    @Test
    void exclusionsAreRelativeToEachSource() throws IOException {
        assertThat(excluding(List.of("*.txt"), "a"))
                .containsExactly(
                        "2.md",
                        "b/",
                        "b/3.txt",
                        "b/4.md",
                        "b/c/",
                        "b/c/5.txt",
                        "b/l3",
                        "x/",
                        "x/6.txt");
        assertThat(excluding(List.of("**/*.txt"), "a"))
                .containsExactly("2.md", "b/", "b/4.md", "b/c/", "b/l3", "x/");
        assertThat(excluding(List.of("b"), "a")).containsExactly("1.txt", "2.md", "x/", "x/6.txt");
        assertThat(excluding(List.of("a/b"), "."))
                .containsExactly(
                        "a/", "a/1.txt", "a/2.md", "a/x/", "a/x/6.txt", "home.md", "home.txt");
        assertThat(excluding(List.of("a/b"), "a")).contains("b/3.txt");
        assertThat(excluding(List.of("b", "!b/c/5.txt"), "a"))
                .containsExactly("1.txt", "2.md", "b/", "b/c/", "b/c/5.txt", "x/", "x/6.txt");
        assertThat(excluding(List.of("*"), "a")).isEmpty();
        assertThat(excluding(List.of("**"), "a")).isEmpty();
    }

    @Test
    void exclusionsHoldForWhatAWildcardMatchesButNotForANamedFile() throws IOException {
        assertThat(excluding(List.of("*.txt"), "hom*")).containsExactly("home.md");
        assertThat(excluding(List.of("*.txt"), "home.txt", "home.md"))
                .containsExactly("home.md", "home.txt");
    }

    @Test
    void malformedExclusions() {
        assertThatThrownBy(() -> excluding(List.of("["), "a"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid excludepatterns: [[]: syntax error in pattern");
    }

    @Test
    void parentsAreMade() throws IOException {
        assertThat(parents("a/b/3.txt", "./a/1.txt"))
                .containsExactly("a/", "a/1.txt", "a/b/", "a/b/3.txt");
        assertThat(parents("a/b/c")).containsExactly("a/", "a/b/", "a/b/c/", "a/b/c/5.txt");
        assertThat(parents("a/b/l3")).containsExactly("a/", "a/b/", "a/b/l3");
    }

    @Test
    void theWayBeginsAtThePivot() throws IOException {
        assertThat(parents("a/./b/3.txt")).containsExactly("b/", "b/3.txt");
        assertThat(parents("./a/b/./c/")).containsExactly("c/", "c/5.txt");
        assertThat(parents("a/b/./")).containsExactly("3.txt", "4.md", "c/", "c/5.txt", "l3");
    }

    @Test
    void parentsWithWildcards() throws IOException {
        assertThat(parents("**/*.md"))
                .containsExactly("a/", "a/2.md", "a/b/", "a/b/4.md", "home.md");
        assertThat(parents("a/*/3.txt")).containsExactly("a/", "a/b/", "a/b/3.txt");
        assertThat(parents("a/**/*.txt"))
                .containsExactly(
                        "a/",
                        "a/1.txt",
                        "a/b/",
                        "a/b/3.txt",
                        "a/b/c/",
                        "a/b/c/5.txt",
                        "a/x/",
                        "a/x/6.txt");
        assertThat(parents("a/*/./*.txt")).containsExactly("3.txt", "6.txt");
    }

    @Test
    void parentsKeepTheirModes() throws IOException {
        Path target = Files.createDirectory(dir.resolve("modes"));
        try (Fd from = FileCalls.openDirectory(source.toString());
                Fd to = FileCalls.openDirectory(target.toString())) {
            FileCopy.copy(from, to, request(true, List.of(), false, "a/b/3.txt"));
        }
        assertThat(FileCalls.lstat(Fd.CWD, target + "/x/a").permissions()).isEqualTo(0700);
        assertThat(FileCalls.lstat(Fd.CWD, target + "/x/a/b").permissions()).isEqualTo(0711);
    }

    @Test
    void parentsWithExclusions() throws IOException {
        assertThat(copied(request(true, List.of("**/*.txt", "a/x"), false, "a")))
                .containsExactly("a/", "a/2.md", "a/b/", "a/b/4.md", "a/b/c/", "a/b/l3");
    }

    @Test
    void missingWithParents() {
        assertThatThrownBy(() -> parents("a/b/33.txt"))
                .isInstanceOfSatisfying(
                        MissingSource.class,
                        e -> assertThat(e.nearest()).containsExactly("a/b/3.txt"))
                .hasMessage("\"/a/b/33.txt\": not found");
        assertThatThrownBy(() -> parents("nope/./b")).isInstanceOf(MissingSource.class);
        assertThatThrownBy(() -> parents("home.md/./b")).isInstanceOf(MissingSource.class);
    }

    // ---- digests

    private Digest digest(CopyRequest request, Known known) throws IOException {
        try (Fd from = FileCalls.openDirectory(source.toString())) {
            return FileCopy.selection(from, request, known);
        }
    }

    private Digest digest(String... sources) throws IOException {
        return digest(request(false, List.of(), false, sources), Known.NOTHING);
    }

    @Test
    void timesAndPlacesDoNotCount() throws IOException {
        Digest before = digest("a");
        FileCalls.times(Fd.CWD, PathBytes.of(source + "/a/b/3.txt"), 1, 0, 1, 0);
        FileCalls.times(Fd.CWD, PathBytes.of(source + "/a"), 1, 0, 1, 0);
        FileCalls.chmod(Fd.CWD, source + "/a", 0755);
        assertThat(digest("a")).isEqualTo(before);
        Files.move(source.resolve("a"), source.resolve("moved"));
        assertThat(digest("moved")).isEqualTo(before);
    }

    @Test
    void everythingElseCounts() throws IOException {
        var seen = new ArrayList<Digest>();
        seen.add(digest("a"));
        Files.writeString(source.resolve("a/b/3.txt"), "changed");
        seen.add(digest("a"));
        FileCalls.chmod(Fd.CWD, source + "/a/b/3.txt", 0600);
        seen.add(digest("a"));
        FileCalls.chmod(Fd.CWD, source + "/a/b", 0750);
        seen.add(digest("a"));
        Files.move(source.resolve("a/b/4.md"), source.resolve("a/b/5.md"));
        seen.add(digest("a"));
        Files.createDirectory(source.resolve("a/empty"));
        seen.add(digest("a"));
        Files.delete(source.resolve("a/b/l3"));
        Files.createSymbolicLink(source.resolve("a/b/l3"), Path.of("5.md"));
        seen.add(digest("a"));
        try (Fd fd = FileCalls.open(source + "/a/1.txt", FileCalls.O_RDONLY)) {
            Xattrs.set(fd, "user.note", "x".getBytes(StandardCharsets.UTF_8), 0);
        }
        seen.add(digest("a"));
        Files.createLink(source.resolve("a/link"), source.resolve("a/1.txt"));
        seen.add(digest("a"));
        Files.delete(source.resolve("a/link"));
        Files.copy(source.resolve("a/1.txt"), source.resolve("a/link"));
        seen.add(digest("a"));
        assertThat(seen).doesNotHaveDuplicates();
    }

    @Test
    void ownersCountWhereTheyAreKept() throws IOException {
        Digest context = digest("a");
        Digest stage = digest(request(false, List.of(), true, "a"), Known.NOTHING);
        FileCalls.chown(Fd.CWD, source + "/a/1.txt", 7, 7);
        assertThat(digest("a")).isEqualTo(context);
        assertThat(digest(request(false, List.of(), true, "a"), Known.NOTHING)).isNotEqualTo(stage);
    }

    @Test
    void whatIsLeftOutDoesNotCount() throws IOException {
        var request = request(false, List.of("b"), false, "a");
        Digest before = digest(request, Known.NOTHING);
        Files.writeString(source.resolve("a/b/3.txt"), "changed");
        assertThat(digest(request, Known.NOTHING)).isEqualTo(before);
    }

    @Test
    void namesOfFilesCount() throws IOException {
        Files.writeString(source.resolve("home.md"), "same");
        Files.writeString(source.resolve("home.txt"), "same");
        assertThat(digest("home.md")).isNotEqualTo(digest("home.txt"));
        assertThat(digest("home.md", "home.txt")).isNotEqualTo(digest("home.txt", "home.md"));
    }

    @Test
    void knownDigestsAreNotFoundOutAgain() throws IOException {
        Digest read = digest("a");
        var asked = new ArrayList<String>();
        Known known =
                path -> {
                    asked.add(path.toString());
                    return Optional.of(Digest.of(path.toString().getBytes(StandardCharsets.UTF_8)));
                };
        // Each file contains its own name, so that these are the right ones.
        assertThat(digest(request(false, List.of(), false, "a"), known)).isEqualTo(read);
        assertThat(asked).contains("a/b/c/5.txt").hasSize(6);
    }
}
