package dev.corten.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCommandsTest {
    @TempDir Path home;
    private CommandLine line;

    @BeforeEach
    void open() throws IOException {
        line = new CommandLine(home);
    }

    @AfterEach
    void close() throws IOException {
        line.close();
    }

    private String lastRequest() {
        return line.daemon.requests.getLast();
    }

    private static String golden(String name) throws IOException {
        try (var in = ImageCommandsTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /// Docker's own texts, with our name; and `image inspect --remote`.
    @Test
    void helpIsDockers() throws IOException {
        String[] parts = golden("help-images.txt").split("(?m)^=== ");
        for (int i = 1; i < parts.length; i++) {
            int end = parts[i].indexOf('\n');
            String command = parts[i].substring(0, end);
            var words = new java.util.ArrayList<>(java.util.List.of(command.split(" ")));
            words.add("--help");
            assertThat(line.corten(words.toArray(new String[0]))).isZero();
            assertThat(line.out()).as(command).isEqualTo(parts[i].substring(end + 1));
        }
    }

    @Test
    void pullAsksForTheTagThatIsMeant() {
        line.daemon.answer("POST /images/create", 200, "{\"status\":\"Pulling\"}\r\n");
        assertThat(line.corten("pull", "busybox")).isZero();
        assertThat(line.out())
                .isEqualTo(
                        "Using default tag: latest\nPulling\ndocker.io/library/busybox:latest\n");
        assertThat(lastRequest())
                .isEqualTo(
                        "POST /images/create?fromImage=docker.io%2Flibrary%2Fbusybox&tag=latest");
        line.corten("pull", "-q", "--platform", "linux/arm64", "r.test/a/b:1");
        assertThat(line.out()).isEqualTo("r.test/a/b:1\n");
        assertThat(lastRequest())
                .isEqualTo(
                        "POST /images/create?fromImage=r.test%2Fa%2Fb&platform=linux%2Farm64&tag=1");
        line.corten("pull", "-a", "r.test/a/b");
        assertThat(line.out()).isEqualTo("Pulling\nr.test/a/b\n");
        assertThat(lastRequest()).isEqualTo("POST /images/create?fromImage=r.test%2Fa%2Fb");
        assertThat(line.corten("pull", "-a", "r.test/a/b:1")).isEqualTo(1);
        assertThat(line.err()).isEqualTo("tag can't be used with --all-tags/-a\n");
    }

    /// What Docker 28.5.2 prints of the same messages.
    @Test
    void progressOnATerminalIsDockers() throws IOException {
        line.daemon.answer("POST /images/create", 200, golden("progress.json"));
        var terminal = new FakeConsole("", true);
        terminal.columns = 150;
        assertThat(line.corten(terminal, "pull", "x:1")).isZero();
        assertThat(line.out()).isEqualTo(golden("progress.txt"));
        line.corten("pull", "x:1");
        assertThat(line.out())
                .doesNotContain("Downloading", "Extracting")
                .contains("a: Pull complete");
    }

    @Test
    void pastedAddressIsExplained() {
        assertThat(line.corten("pull", "https://r.test/a")).isEqualTo(1);
        assertThat(line.err())
                .isEqualTo(
                        """
                        invalid reference format

                        The name of an image begins with its registry's host, not with https://: r.test/a
                        """);
    }

    @Test
    void pushGoesToTheNameItself() {
        line.daemon.answer("POST /images/r.test", 200, "{\"status\":\"Pushed\",\"id\":\"a\"}\r\n");
        assertThat(line.corten("push", "r.test/a")).isZero();
        assertThat(line.out()).isEqualTo("Using default tag: latest\na: Pushed\n");
        assertThat(lastRequest()).isEqualTo("POST /images/r.test/a/push?tag=latest");
        line.corten("push", "-q", "r.test/a:1");
        assertThat(line.out()).isEqualTo("r.test/a:1\n");
        line.corten("push", "-a", "r.test/a");
        assertThat(lastRequest()).isEqualTo("POST /images/r.test/a/push");
        line.corten("push", "--platform", "linux/arm64/v8", "r.test/a:1");
        assertThat(lastRequest())
                .isEqualTo(
                        "POST /images/r.test/a/push?platform=%7B%22architecture%22%3A%22arm64%22%2C"
                                + "%22os%22%3A%22linux%22%2C%22variant%22%3A%22v8%22%7D&tag=1");
    }

    @Test
    void pushOfTwoNamesSaysHowItIsDone() {
        assertThat(line.corten("push", "app", "me/app:1")).isEqualTo(1);
        assertThat(line.err())
                .isEqualTo(
                        """
                        corten: 'corten push' requires 1 argument

                        Usage:  corten push [OPTIONS] NAME[:TAG]

                        Run 'corten push --help' for more information

                        An image is pushed under its own name. To push app as me/app:1:
                          corten tag app me/app:1
                          corten push me/app:1
                        """);
    }

    @Test
    void saveWritesAFileOnlyWhenItIsWhole() throws IOException {
        Path file = home.resolve("a.tar");
        line.daemon.answer("GET /images/get", 200, "archive");
        assertThat(line.corten("save", "-o", file.toString(), "a", "b")).isZero();
        assertThat(lastRequest()).isEqualTo("GET /images/get?names=a&names=b");
        assertThat(file).content().isEqualTo("archive");
        line.daemon.answer("GET /images/get", 404, "{\"message\":\"No such image: c\"}");
        assertThat(line.corten("save", "-o", file.toString(), "c")).isEqualTo(1);
        assertThat(file).content().isEqualTo("archive");
        line.daemon.answers.put(
                "GET /images/get", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhal");
        line.daemon.hangUp.add("GET /images/get");
        assertThat(line.corten("save", "-o", file.toString(), "c")).isEqualTo(1);
        assertThat(file).content().isEqualTo("archive");
        try (var left = Files.list(home)) {
            assertThat(left.map(Path::getFileName).map(Path::toString)).doesNotContain(".tmp");
        }
    }

    @Test
    void archivesDoNotGoToATerminal() {
        for (String command : new String[] {"save", "export"}) {
            assertThat(line.corten(new FakeConsole("", true), command, "a")).isEqualTo(1);
            assertThat(line.err())
                    .isEqualTo(
                            "cowardly refusing to save to a terminal. Use the -o flag or"
                                    + " redirect\n");
        }
        assertThat(line.corten(new FakeConsole("", true), "load")).isEqualTo(1);
        assertThat(line.err()).isEqualTo("requested load from stdin, but stdin is empty\n");
    }

    @Test
    void untagSaysWhichNamesAreGone() {
        line.daemon.answer(
                "POST /corten/v1/images/a/untag", 200, "{\"Untagged\":[\"a:1\",\"b:1\"]}");
        assertThat(line.corten("untag", "a", "a:1", "b")).isZero();
        assertThat(line.out()).isEqualTo("Untagged: a:1\nUntagged: b:1\n");
        assertThat(lastRequest())
                .isEqualTo(
                        "POST /corten/v1/images/a/untag?tag=docker.io%2Flibrary%2Fa%3A1"
                                + "&tag=docker.io%2Flibrary%2Fb%3Alatest");
    }

    @Test
    void mountedFilesAreSaidByPath() {
        line.daemon
                .answer(
                        "POST /corten/v1/images/a/mount",
                        200,
                        "{\"Id\":\"sha256:aa\",\"Name\":\"a:1\",\"Mountpoint\":\"/m/a\"}")
                .answer(
                        "GET /corten/v1/image-mounts",
                        200,
                        "[{\"Id\":\"sha256:aa\",\"Name\":\"a:1\",\"Mountpoint\":\"/m/a\"}]");
        assertThat(line.corten("image", "mount", "a")).isZero();
        assertThat(line.out()).isEqualTo("/m/a\n");
        line.corten("image", "mount");
        assertThat(line.out()).isEqualTo("a:1  /m/a\n");
        assertThat(line.corten("image", "unmount", "gone")).isEqualTo(1);
        assertThat(line.err()).isEqualTo("Error response from daemon: not here\n");
    }

    @Test
    void scpWantsTwoEngines() {
        assertThat(line.corten("image", "scp", "a")).isEqualTo(1);
        assertThat(line.err()).isEqualTo("source and target are the same engine\n");
        line.corten("image", "scp", "a", "host");
        assertThat(line.err()).isEqualTo("the target is HOST::, not host\n");
        assertThat(line.daemon.requests).isEmpty();
    }

    @Test
    void layersAreShownWithWhoSharesThem() {
        line.daemon.answer(
                "GET /corten/v1/images/a/layers",
                200,
                """
                {"Id":"sha256:0123456789abcdef","RepoTags":["a:1","a:2"],"Size":1234567,
                "Layers":[{"DiffId":"sha256:aaaaaaaaaaaaaaaa","Size":1200000,"TopOf":["base:1"],
                "PartOf":["b:1","c:1"]},{"DiffId":"sha256:bbbbbbbbbbbbbbbb","Size":34567,
                "TopOf":["a:1"],"PartOf":[]}]}\
                """);
        assertThat(line.corten("image", "tree", "a")).isZero();
        assertThat(line.out())
                .isEqualTo(
                        """
                        Image ID: 0123456789ab
                        Tags:     [a:1 a:2]
                        Size:     1.23MB
                        Image Layers
                        ├── ID: aaaaaaaaaaaa Size: 1.2MB  Top Layer of: [base:1] Shared with: [b:1 c:1]
                        └── ID: bbbbbbbbbbbb Size: 34.6kB Top Layer of: [a:1]
                        """);
    }

    @Test
    void commitSendsWhatDockerSends() {
        line.daemon.answer("POST /commit", 201, "{\"Id\":\"sha256:abc\"}");
        int status =
                line.corten(
                        "commit", "-a", "Ann", "-m", "why", "-c", "CMD x", "-c", "ENV a=b", "c",
                        "me/i");
        assertThat(status).isZero();
        assertThat(line.out()).isEqualTo("sha256:abc\n");
        assertThat(lastRequest())
                .isEqualTo(
                        "POST /commit?author=Ann&changes=CMD+x&changes=ENV+a%3Db&comment=why"
                                + "&container=c&repo=me%2Fi&tag=latest null");
        for (String option : new String[] {"--pause=false", "-p=false", "--no-pause"}) {
            line.corten("commit", option, "c");
            assertThat(lastRequest()).contains("&pause=0&").contains("&repo=&tag= ");
        }
    }

    @Test
    void historyInItsForms() {
        line.daemon.answer(
                "GET /images/a/history",
                200,
                "[{\"Comment\":\"c\",\"Created\":0,\"CreatedBy\":\"/bin/sh -c #(nop)  CMD [\\\"nginx\\\""
                        + " \\\"-g\\\" \\\"daemon off;\\\"]\",\"Id\":\"sha256:"
                        + "0123456789abcdef\",\"Size\":1234567,\"Tags\":null},{\"Comment\":\"\","
                        + "\"Created\":978307200,\"CreatedBy\":\"a\\tb\",\"Id\":\"<missing>\","
                        + "\"Size\":0,\"Tags\":null}]");
        line.corten("history", "-H=false", "a");
        assertThat(line.out())
                .isEqualTo(
                        """
                        IMAGE          CREATED AT             CREATED BY                                      SIZE      COMMENT
                        0123456789ab   1970-01-01T00:00:00Z   /bin/sh -c #(nop)  CMD ["nginx" "-g" "daemon…   1234567   c
                        <missing>      2001-01-01T00:00:00Z   a b                                             0        \s
                        """);
        line.corten("history", "-q", "--no-trunc", "a");
        assertThat(line.out()).isEqualTo("sha256:0123456789abcdef\n<missing>\n");
        line.corten("history", "--format", "{{.ID}} {{.Size}} {{.CreatedSince}}", "a");
        assertThat(line.out().lines().findFirst()).hasValue("0123456789ab 1.23MB ");
    }

    @Test
    void searchListsTheMostLikedFirst() {
        line.daemon.answer(
                "GET /images/search",
                200,
                "[{\"star_count\":1,\"is_official\":false,\"name\":\"x/b\",\"description\":\"two"
                        + "\\nlines\"},{\"star_count\":20,\"is_official\":true,\"name\":\"b\","
                        + "\"description\":\"\"}]");
        line.corten("search", "--limit", "5", "-f", "stars=1", "b");
        assertThat(line.out())
                .isEqualTo(
                        """
                        NAME      DESCRIPTION   STARS     OFFICIAL
                        b                       20        [OK]
                        x/b       two lines     1        \s
                        """);
        assertThat(lastRequest())
                .isEqualTo(
                        "GET /images/search?filters=%7B%22stars%22%3A%7B%221%22%3Atrue%7D%7D"
                                + "&limit=5&term=b");
        line.corten("search", "--format", "json", "b");
        assertThat(line.out().lines().findFirst())
                .hasValue(
                        "{\"Description\":\"\",\"IsOfficial\":\"true\",\"Name\":\"b\","
                                + "\"StarCount\":\"20\"}");
    }

    @Test
    void treeShowsPlatformsAndUse() throws IOException {
        line.daemon.answer("GET /images/json", 200, golden("images-tree.json"));
        assertThat(line.corten("images", "--tree")).isZero();
        assertThat(lastRequest()).isEqualTo("GET /images/json?manifests=1");
        assertThat(line.out()).isEqualTo(golden("images-tree.txt"));
        assertThat(line.corten("images", "--tree", "-q")).isEqualTo(1);
        assertThat(line.err()).isEqualTo("--quiet is not yet supported with --tree\n");
    }
}
