package dev.corten.build.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.file.CopyRequest.Rules;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.kernel.file.Stat;
import dev.corten.model.InvalidParameter;
import dev.corten.model.PathBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What BuildKit 0.25 and the classic builder of Docker 28.5 made of the same trees. `@` is a time
/// that was kept.
class FileCopyTest {
    private static final long OLD = 981158400;

    @TempDir Path dir;

    private Path source;
    private Path destination;

    @BeforeEach
    void tree() throws IOException {
        source = Files.createDirectory(dir.resolve("source"));
        destination = Files.createDirectory(dir.resolve("destination"));
        file("f", 0640);
        file("f2", 0644);
        directory("d", 0700);
        file("d/g", 0644);
        file("d/s.sh", 0755);
        directory("d/sub", 0711);
        file("d/sub/h", 0644);
        Files.createLink(source.resolve("d/g2"), source.resolve("d/g"));
        link("d/lnk", "g");
        link("d/dang", "nowhere");
        link("ld", "d");
        link("lf", "f");
        link("abs", "/etc/hidden");
        link("dang", "nowhere");
        for (String name : List.of("d/sub", "d", ".")) {
            old(source.resolve(name));
        }
    }

    private void file(String name, int mode) throws IOException {
        Path file = Files.writeString(source.resolve(name), name + "\n");
        FileCalls.chmod(Fd.CWD, file.toString(), mode);
        old(file);
    }

    private void directory(String name, int mode) throws IOException {
        Path made = Files.createDirectory(source.resolve(name));
        FileCalls.chmod(Fd.CWD, made.toString(), mode);
    }

    private void link(String name, String target) throws IOException {
        old(Files.createSymbolicLink(source.resolve(name), Path.of(target)));
    }

    private static void old(Path path) throws IOException {
        FileCalls.times(Fd.CWD, PathBytes.of(path.toString()), OLD, 0, OLD, 0);
    }

    private static Path in(Path root, String path) {
        return root.resolve(path.replaceFirst("^/+", ""));
    }

    // ---- what is asked for

    private CopyRequest request(Rules rules, String destination, String... sources) {
        return change(CopyRequest.of(List.of(sources), destination), rules, "", "");
    }

    private static CopyRequest change(CopyRequest r, Rules rules, String chown, String chmod) {
        return new CopyRequest(
                rules,
                r.sources(),
                r.destination(),
                chown,
                chmod,
                r.parents(),
                r.exclude(),
                r.unpack(),
                r.keepOwner(),
                r.time(),
                r.linkable());
    }

    private void run(CopyRequest request) throws IOException {
        try (Fd from = FileCalls.openDirectory(source.toString());
                Fd to = FileCalls.openDirectory(destination.toString())) {
            FileCopy.copy(from, to, request);
        }
    }

    private List<String> copy(String destination, String... sources) throws IOException {
        run(request(Rules.BUILDKIT, destination, sources));
        return listing();
    }

    private List<String> classic(String destination, String... sources) throws IOException {
        run(request(Rules.CLASSIC, destination, sources));
        return listing();
    }

    private List<String> listing() throws IOException {
        var lines = new ArrayList<String>();
        try (var paths = Files.walk(destination)) {
            for (Path path : paths.sorted().skip(1).toList()) {
                lines.add(line(path));
            }
        }
        return lines;
    }

    private String line(Path path) throws IOException {
        Stat stat = FileCalls.lstat(Fd.CWD, path.toString());
        String line = destination.relativize(path).toString();
        if (stat.isSymlink()) {
            return line + " -> " + Files.readSymbolicLink(path) + kept(stat);
        }
        line += stat.isDirectory() ? "/" : stat.links() > 1 ? "#" : "";
        line += " " + Integer.toOctalString(stat.permissions());
        if (stat.uid() != 0 || stat.gid() != 0) {
            line += " " + stat.uid() + ":" + stat.gid();
        }
        return line + kept(stat);
    }

    private static String kept(Stat stat) {
        return stat.modifySeconds() == OLD ? " @" : "";
    }

    // ---- names

    @Test
    void aFileToAName() throws IOException {
        assertThat(copy("/x/y/z", "f")).containsExactly("x/ 755", "x/y/ 755", "x/y/z 640 @");
    }

    @Test
    void aFileIntoADirectory() throws IOException {
        assertThat(copy("/x/y/", "f")).containsExactly("x/ 755", "x/y/ 755", "x/y/f 640 @");
        assertThat(copy("/x", "f2")).contains("x/f2 644 @");
    }

    private static final List<String> CONTENTS =
            List.of(
                    "x/dang -> nowhere @",
                    "x/g# 644 @",
                    "x/g2# 644 @",
                    "x/lnk -> g @",
                    "x/s.sh 755 @",
                    "x/sub/ 711 @",
                    "x/sub/h 644 @");

    private static List<String> with(String first, List<String> others) {
        var all = new ArrayList<>(List.of(first));
        all.addAll(others);
        return all;
    }

    @Test
    void aDirectoryGivesItsContentsAndTime() throws IOException {
        assertThat(copy("/x", "d")).isEqualTo(with("x/ 755 @", CONTENTS));
        assertThat(copy("/x/", "ld/")).isEqualTo(with("x/ 755 @", CONTENTS));
    }

    @Test
    void theClassicBuilderKeepsNoTimeOfTheTop() throws IOException {
        assertThat(classic("/x", "d")).isEqualTo(with("x/ 755", CONTENTS));
    }

    @Test
    void anExistingDirectoryKeepsModeAndOwnerButThoseBelowDoNot() throws IOException {
        Path x = Files.createDirectories(destination.resolve("x/sub"));
        FileCalls.chmod(Fd.CWD, x.toString(), 0750);
        FileCalls.chown(Fd.CWD, x.toString(), 3, 4);
        FileCalls.chmod(Fd.CWD, x.getParent().toString(), 0750);
        FileCalls.chown(Fd.CWD, x.getParent().toString(), 3, 4);
        assertThat(copy("/x", "d")).isEqualTo(with("x/ 750 3:4 @", CONTENTS));
    }

    @Test
    void theWholeContext() throws IOException {
        assertThat(copy("/x/", "."))
                .startsWith("x/ 755 @", "x/abs -> /etc/hidden @", "x/d/ 700 @")
                .contains("x/d/sub/h 644 @", "x/ld -> d @");
        assertThat(copy("/", "/")).contains("d/sub/h 644 @", "f 640 @");
    }

    @Test
    void severalSources() throws IOException {
        assertThat(copy("/x/", "f", "d", "f2"))
                .contains("x/f 640 @", "x/f2 644 @", "x/sub/h 644 @", "x/ 755");
    }

    @Test
    void severalSourcesToOneName() throws IOException {
        assertThatThrownBy(() -> classic("/x", "f", "f2"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(
                        "When using COPY with more than one source file, the destination must be a"
                                + " directory and end with a /");
        assertThat(copy("/x", "f", "f2")).containsExactly("x 644 @");
    }

    @Test
    void dotsBeforeTheRoot() throws IOException {
        assertThat(copy("/x/", "../d/../../f")).contains("x/f 640 @");
        assertThatThrownBy(() -> classic("/x/", "../f"))
                .hasMessage("forbidden path outside the build context: ../f ()");
        assertThat(classic("/x/", "/f", "d/../f2")).contains("x/f2 644 @");
    }

    // ---- links as sources

    @Test
    void linksAreFollowedInTheSourceAndKeepTheirNames() throws IOException {
        assertThat(copy("/x/", "lf")).containsExactly("x/ 755", "x/lf 640 @");
        assertThat(copy("/y/", "ld/sub")).contains("y/h 644 @");
    }

    @Test
    void linksOutOfTheSourceLeadNowhere() throws IOException {
        Files.createDirectory(source.resolve("etc"));
        file("etc/passwd", 0644);
        link("out", "../../../../../etc/passwd");
        link("abs2", "/etc/passwd");
        copy("/x/", "out", "abs2");
        assertThat(destination.resolve("x/out")).hasContent("etc/passwd");
        assertThat(destination.resolve("x/abs2")).hasContent("etc/passwd");
        assertThatThrownBy(() -> copy("/x/", "abs"))
                .isInstanceOf(MissingSource.class)
                .hasMessage("\"/abs\": not found");
        assertThatThrownBy(() -> copy("/x/", "dang")).isInstanceOf(MissingSource.class);
    }

    // ---- wildcards

    @Test
    void wildcards() throws IOException {
        assertThat(copy("/x/", "f*", "*/g"))
                .containsExactly("x/ 755", "x/f 640 @", "x/f2 644 @", "x/g 644 @");
        assertThat(copy("/y/", "l?")).contains("y/lf 640 @", "y/sub/h 644 @");
        assertThat(copy("/z/", "[^a-e]")).contains("z/f 640 @");
        assertThatThrownBy(() -> copy("/x/", "d*")).hasMessage("\"/dang\": not found");
    }

    @Test
    void wildcardsThatMatchNothing() throws IOException {
        assertThat(copy("/x/", "no*", "nodir/*")).isEmpty();
        assertThatThrownBy(() -> classic("/x/", "no*"))
                .hasMessage("no source files were specified");
        assertThat(classic("/x/", "no*", "f")).contains("x/f 640 @");
    }

    @Test
    void whatIsMissingHasNeighbours() {
        assertThatThrownBy(() -> copy("/x/", "d/sub/hh"))
                .isInstanceOfSatisfying(
                        MissingSource.class,
                        e -> {
                            assertThat(e.path()).isEqualTo("d/sub/hh");
                            assertThat(e.nearest()).containsExactly("d/sub/h");
                        })
                .hasMessage("\"/d/sub/hh\": not found");
        assertThatThrownBy(() -> copy("/x/", "f/x")).isInstanceOf(MissingSource.class);
    }

    /// The name itself is no suggestion, though it is there.
    @Test
    void aLinkThatLeadsNowhereHasNeighboursToo() throws IOException {
        Files.createSymbolicLink(source.resolve("d/sub/hh"), Path.of("/none"));
        assertThatThrownBy(() -> copy("/x/", "d/sub/hh"))
                .isInstanceOfSatisfying(
                        MissingSource.class,
                        e -> assertThat(e.nearest()).containsExactly("d/sub/h"));
    }

    // ---- owners and modes

    @Test
    void chown() throws IOException {
        Files.createDirectory(destination.resolve("etc"));
        Files.writeString(
                destination.resolve("etc/passwd"), "root:x:0:0::/:\ndaemon:x:1:2::/:/bin/sh\n");
        Files.writeString(destination.resolve("etc/group"), "root:x:0:\nmail:x:8:\n");
        run(change(CopyRequest.of(List.of("d"), "/n/d"), Rules.BUILDKIT, "daemon:mail", ""));
        assertThat(listing())
                .contains("n/ 755 1:8", "n/d/ 755 1:8 @", "n/d/sub/h 644 1:8 @")
                .contains("n/d/lnk -> g @");
        assertThat(FileCalls.lstat(Fd.CWD, destination + "/n/d/lnk").gid()).isEqualTo(8);
        run(change(CopyRequest.of(List.of("f"), "/m/"), Rules.BUILDKIT, "daemon", ""));
        assertThat(listing()).contains("m/f 640 1:2 @");
        run(change(CopyRequest.of(List.of("f"), "/o/"), Rules.BUILDKIT, "12", ""));
        assertThat(listing()).contains("o/ 755 12:12", "o/f 640 12:12 @");
    }

    @Test
    void unknownOwners() {
        var request = CopyRequest.of(List.of("f"), "/x");
        assertThatThrownBy(() -> run(change(request, Rules.BUILDKIT, "nope", "")))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage(
                        "unable to convert uid/gid chown string to host mapping: can't find uid"
                                + " for user nope: no such user: nope");
        assertThatThrownBy(() -> run(change(request, Rules.BUILDKIT, "1:nope", "")))
                .hasMessageContaining("no such group: nope");
        assertThatThrownBy(() -> run(change(request, Rules.BUILDKIT, "4294967296", "")))
                .hasMessage("uids and gids must be in range 0-2147483647");
    }

    @Test
    void rootNeedsNoPasswd() throws IOException {
        run(change(CopyRequest.of(List.of("f"), "/x"), Rules.BUILDKIT, "root:root", ""));
        assertThat(listing()).containsExactly("x 640 @");
    }

    @Test
    void passwdIsReadInTheDestinationOnly() throws IOException {
        Files.createDirectory(destination.resolve("etc"));
        Files.createSymbolicLink(destination.resolve("etc/passwd"), Path.of("/etc/passwd"));
        assertThatThrownBy(() ->
                        run(
                                change(
                                        CopyRequest.of(List.of("f"), "/x"),
                                        Rules.BUILDKIT,
                                        "daemon",
                                        "")))
                .hasMessageContaining("daemon");
    }

    @Test
    void chmodOfEverything() throws IOException {
        run(change(CopyRequest.of(List.of("d"), "/n/d"), Rules.BUILDKIT, "", "604"));
        assertThat(listing()).contains("n/ 604", "n/d/ 604 @", "n/d/sub/ 604 @", "n/d/sub/h 604 @");
        run(change(CopyRequest.of(List.of("d"), "/m"), Rules.BUILDKIT, "", "go-rwx,u+s"));
        assertThat(listing()).contains("m/ 755 @", "m/g# 4600 @", "m/sub/ 4700 @");
    }

    @Test
    void aStageKeepsOwnersAndSpecialFiles() throws IOException {
        FileCalls.mknod(Fd.CWD, source + "/d/null", Stat.S_IFCHR | 0644, 1, 3);
        FileCalls.mknod(Fd.CWD, source + "/d/pipe", Stat.S_IFIFO | 0600, 0, 0);
        FileCalls.chown(Fd.CWD, source + "/d/s.sh", 5, 6);
        FileCalls.chmod(Fd.CWD, source + "/d/s.sh", 04755);
        FileCalls.chmod(Fd.CWD, source + "/d/sub", 02775);
        var r = CopyRequest.of(List.of("d"), "/x");
        run(
                new CopyRequest(
                        r.rules(),
                        r.sources(),
                        r.destination(),
                        "",
                        "",
                        false,
                        List.of(),
                        false,
                        true,
                        Optional.empty(),
                        false));
        assertThat(listing()).contains("x/s.sh 4755 5:6 @", "x/sub/ 2775 @", "x/pipe 600");
        Stat device = FileCalls.lstat(Fd.CWD, destination + "/x/null");
        assertThat(device.type()).isEqualTo(Stat.S_IFCHR);
        assertThat(device.rdevMinor()).isEqualTo(3);
    }

    @Test
    void aGivenTimeIsThatOfEverything() throws IOException {
        var r = CopyRequest.of(List.of("d", "f2"), "/x/y/");
        run(
                new CopyRequest(
                        r.rules(),
                        r.sources(),
                        r.destination(),
                        "",
                        "",
                        false,
                        List.of(),
                        false,
                        false,
                        Optional.of(Instant.ofEpochSecond(77)),
                        false));
        try (var paths = Files.walk(destination.resolve("x/y/sub"))) {
            assertThat(paths)
                    .allSatisfy(path ->
                            assertThat(FileCalls.lstat(Fd.CWD, path.toString()).modifySeconds())
                                    .isEqualTo(77));
        }
    }

    // ---- what is in the way

    @Test
    void filesAreReplacedAndLinksInDirectoriesToo() throws IOException {
        Files.createDirectory(destination.resolve("x"));
        Files.writeString(destination.resolve("y"), "old");
        Files.createSymbolicLink(destination.resolve("x/f"), Path.of("/y"));
        assertThat(copy("/x/", "f")).contains("x/f 640 @");
        assertThat(destination.resolve("y")).hasContent("old");
    }

    @Test
    void linksInThePathAreFollowedInTheDestination() throws IOException {
        Files.createSymbolicLink(destination.resolve("up"), Path.of("../../../../y/../k"));
        Files.createSymbolicLink(destination.resolve("last"), Path.of("/nodir/z"));
        copy("/up/a/", "f");
        copy("/last", "f");
        assertThat(destination.resolve("k/a/f")).hasContent("f");
        assertThat(destination.resolve("nodir/z")).hasContent("f");
        assertThat(destination.resolve("last")).isSymbolicLink();
        Files.createSymbolicLink(destination.resolve("loop"), Path.of("loop"));
        assertThatThrownBy(() -> copy("/loop/a/", "f"))
                .hasMessage("lstat /loop/a: too many levels of symbolic links");
    }

    @Test
    void aDirectoryAndAFileDoNotReplaceEachOther() throws IOException {
        Files.createDirectories(destination.resolve("x/f"));
        assertThatThrownBy(() -> copy("/x/", "f"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("cannot replace to directory /x/f with file");
        Files.writeString(destination.resolve("x/sub"), "");
        assertThatThrownBy(() -> copy("/x/", "d"))
                .hasMessage("cannot copy to non-directory: /x/sub");
        assertThatThrownBy(() -> copy("/x/sub", "d"))
                .hasMessage("cannot copy to non-directory: /x/sub");
        assertThatThrownBy(() -> copy("/x/sub/", "d")).hasMessage("mkdir /x/sub: not a directory");
        assertThatThrownBy(() -> copy("/x/sub/y/z", "f"))
                .hasMessage("lstat /x/sub/y/z: not a directory");
    }

    @Test
    void theClassicBuilderReplaces() throws IOException {
        Files.createDirectories(destination.resolve("x/f/below"));
        Files.createSymbolicLink(destination.resolve("x/sub"), Path.of("/y"));
        Files.createDirectory(destination.resolve("y"));
        assertThat(classic("/x/", "f", "d")).contains("x/f 640 @", "x/sub/ 711 @", "y/ 755");
    }

    // ---- others

    @Test
    void namesThatAreNoText() throws IOException {
        PathBytes name = PathBytes.of(new byte[] {'a', (byte) 0xff, 'b'});
        FileCalls.mknod(
                Fd.CWD, PathBytes.of(source + "/d").resolve(name), Stat.S_IFREG | 0644, 0, 0);
        run(request(Rules.BUILDKIT, "/x/", "d"));
        assertThat(FileCalls.exists(Fd.CWD, PathBytes.of(destination + "/x").resolve(name)))
                .isTrue();
        run(request(Rules.BUILDKIT, "/y/", "d/a*"));
        assertThat(FileCalls.exists(Fd.CWD, PathBytes.of(destination + "/y").resolve(name)))
                .isTrue();
    }

    @Test
    void documents() throws IOException {
        try (Fd to = FileCalls.openDirectory(destination.toString())) {
            var files = List.of(InlineFile.of("a.txt", "hello\n"), InlineFile.of("b", "x"));
            FileCopy.write(to, CopyRequest.of(List.of(), "/x/"), files);
            FileCopy.write(
                    to,
                    change(CopyRequest.of(List.of(), "/y/f"), Rules.BUILDKIT, "3:4", "755"),
                    List.of(InlineFile.of("EOF", "k")));
            assertThatThrownBy(() ->
                            FileCopy.write(
                                    to,
                                    CopyRequest.of(List.of(), "/x/"),
                                    List.of(InlineFile.of("../b", ""))))
                    .isInstanceOf(InvalidParameter.class);
        }
        assertThat(listing())
                .containsExactly("x/ 755", "x/a.txt 644", "x/b 644", "y/ 755 3:4", "y/f 755 3:4");
        assertThat(destination.resolve("x/a.txt")).hasContent("hello\n");
    }

    @Test
    void downloads() throws IOException {
        try (Fd to = FileCalls.openDirectory(destination.toString());
                Fd file = FileCalls.open(source + "/f2", FileCalls.O_RDONLY)) {
            FileCopy.download(
                    file,
                    "page",
                    Optional.of(Instant.ofEpochSecond(OLD)),
                    to,
                    CopyRequest.of(List.of(), "/x/"));
        }
        assertThat(listing()).containsExactly("x/ 755", "x/page 600 @");
    }

    @Test
    void workingDirectories() throws IOException {
        Files.createSymbolicLink(destination.resolve("x"), Path.of("/y"));
        Path y = Files.createDirectory(destination.resolve("y"));
        FileCalls.chmod(Fd.CWD, y.toString(), 0700);
        try (Fd to = FileCalls.openDirectory(destination.toString())) {
            FileCopy.makeDirectory(to, "/x/a/b", "1", Optional.empty());
            FileCopy.makeDirectory(to, "/x", "1", Optional.empty());
            Files.writeString(destination.resolve("file"), "");
            assertThatThrownBy(() -> FileCopy.makeDirectory(to, "/file", "", Optional.empty()))
                    .hasMessage("mkdir /file: not a directory");
        }
        assertThat(listing())
                .containsExactly("file 644", "x -> /y", "y/ 700", "y/a/ 755 1:1", "y/a/b/ 755 1:1");
    }
}
