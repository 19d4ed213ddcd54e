package dev.corten.build.context;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.Session;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Repositories are served as files, the way that needs no program.
final class GitSourceTest {
    private static final StepOutput QUIET = (_, _) -> {};

    @TempDir static Path web;
    private static Process server;
    private static String address = "";
    private static String first;

    @TempDir Path parent;

    @BeforeAll
    static void serve() throws Exception {
        Path repository = web.resolve("work");
        Files.createDirectories(repository.resolve("sub"));
        git(repository, "init", "-q", "-b", "main");
        Files.writeString(repository.resolve("a"), "one");
        Files.writeString(repository.resolve("sub/b"), "two");
        Files.createSymbolicLink(repository.resolve("out"), Path.of("/etc"));
        commit(repository);
        first = git(repository, "rev-parse", "HEAD").strip();
        git(repository, "tag", "v1");
        git(repository, "checkout", "-q", "-b", "other");
        Files.writeString(repository.resolve("a"), "changed");
        commit(repository);
        git(repository, "checkout", "-q", "main");
        git(web, "clone", "-q", "--bare", repository.toString(), web.resolve("r.git").toString());
        git(web.resolve("r.git"), "update-server-info");
        server =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/jwebserver")
                                        .toString(),
                                "-p",
                                "0",
                                "-d",
                                web.toString())
                        .redirectErrorStream(true)
                        .start();
        BufferedReader said = server.inputReader();
        while (address.isEmpty()) {
            String line = said.readLine();
            if (line == null) {
                throw new IOException("jwebserver has ended");
            }
            if (line.startsWith("URL ")) {
                address = line.substring(4);
            }
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.destroy();
        server.waitFor();
    }

    private static void commit(Path repository) throws Exception {
        git(repository, "add", "-A");
        git(repository, "-c", "user.name=n", "-c", "user.email=e@e", "commit", "-qm", "m");
    }

    private static String git(Path directory, String... arguments) throws Exception {
        var command = new java.util.ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), text);
        return text;
    }

    private Folder open(String fragment, boolean keep) throws Exception {
        String url = address + "r.git" + fragment;
        var folders = new Folders(parent, () -> 1 << 30, Runnable::run);
        GitAddress git = GitAddress.parse(url).orElseThrow();
        return new GitSource(folders, git, keep, Map.of(), Session.NONE, GitAgents.NONE)
                .open(List.of(), QUIET);
    }

    private static String text(Folder folder, String path) throws IOException {
        return folder.read(path, 100)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("absent");
    }

    @Test
    void passwordsOfAnAddressAreNotKept() throws Exception {
        String url = address.replace("http://", "http://name:secret@") + "r.git";
        var folders = new Folders(parent, () -> 1 << 30, Runnable::run);
        GitAddress git = GitAddress.parse(url).orElseThrow();
        assertEquals(
                "http://xxxxx:xxxxx@host/r.git",
                GitAddress.parse("http://name:secret@host/r.git").orElseThrow().shown());
        assertEquals(
                "https://xxxxx@host/r.git",
                GitAddress.parse("https://token@host/r.git").orElseThrow().shown());
        try (Folder folder =
                new GitSource(folders, git, true, Map.of(), Session.NONE, GitAgents.NONE)
                        .open(List.of(), QUIET)) {
            String config =
                    new String(
                            folder.read(".git/config", 1 << 20).orElseThrow(),
                            StandardCharsets.UTF_8);
            assertTrue(config.contains("url = http://xxxxx:xxxxx@"), config);
            for (Path file : files()) {
                byte[] bytes = Files.readAllBytes(file);
                assertFalse(
                        new String(bytes, StandardCharsets.ISO_8859_1).contains("secret"),
                        file::toString);
            }
        }
    }

    private List<Path> files() throws IOException {
        try (var all = Files.walk(parent)) {
            return all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
    }

    @Test
    void defaultBranch() throws Exception {
        try (Folder folder = open("", false);
                Fd root = folder.open()) {
            assertEquals("one", text(folder, "a"));
            assertEquals("two", text(folder, "sub/b"));
            assertEquals("absent", text(folder, "out/hostname"));
            assertEquals(0644, FileCalls.lstat(root, "a").permissions());
            assertTrue(FileCalls.findStat(root, ".git").isEmpty());
        }
    }

    @Test
    void branchTagCommitAndDirectory() throws Exception {
        Digest main;
        try (Folder folder = open("#main", false)) {
            assertEquals("one", text(folder, "a"));
            main = folder.content();
        }
        try (Folder folder = open("#other", false)) {
            assertEquals("changed", text(folder, "a"));
            assertNotEquals(main, folder.content());
        }
        try (Folder folder = open("#v1", false)) {
            assertEquals("one", text(folder, "a"));
            assertEquals(main, folder.content());
        }
        try (Folder folder = open("#" + first, false)) {
            assertEquals("one", text(folder, "a"));
        }
        try (Folder folder = open("#main:sub", false)) {
            assertEquals("two", text(folder, "b"));
            assertEquals("absent", text(folder, "../a"));
        }
    }

    @Test
    void keepsTheGitDirectoryIfThatIsAskedFor() throws Exception {
        try (Folder folder = open("", true)) {
            assertTrue(text(folder, ".git/HEAD").startsWith(first), text(folder, ".git/HEAD"));
        }
    }

    @Test
    void whatIsNotThere() {
        Internal e = assertThrows(Internal.class, () -> open("#nope", false));
        assertEquals("repository does not contain ref nope, output: \"\"", e.message());
        e = assertThrows(Internal.class, () -> open("#:nosub", false));
        assertTrue(e.message().startsWith("invalid subdir /nosub"), e.message());
        // A link that leads out of the repository leads to nothing.
        e = assertThrows(Internal.class, () -> open("#:out", false));
        assertTrue(e.message().startsWith("invalid subdir /out"), e.message());
    }

    @ParameterizedTest
    @CsvSource({
        "https://h/r.git, https://h/r.git, '', ''",
        "https://h/r.git#ref:dir, https://h/r.git, ref, dir",
        "git@h:o/r.git#:d, git@h:o/r.git, '', d",
        "git://h/r#x, git://h/r, x, ''",
        "ssh://git@h/r, ssh://git@h/r, '', ''",
        "github.com/o/r#v, https://github.com/o/r, v, ''",
    })
    void addresses(String text, String remote, String ref, String directory) {
        assertEquals(Optional.of(new GitAddress(remote, ref, directory)), GitAddress.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://h/r",
                "./r.git",
                "../r.git",
                "file:///r.git",
                "ext::sh -c id",
                "/r.git",
                "r.git",
            })
    void noAddresses(String text) {
        assertEquals(Optional.empty(), GitAddress.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://h/r.git#--upload-pack=x", "https://h/r.git#a b"})
    void optionsAreNoRefs(String text) {
        assertThrows(InvalidParameter.class, () -> GitAddress.parse(text));
    }
}
