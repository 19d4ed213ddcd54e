package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that are not sent.
@ExtendWith(BuildEngine.class)
class BuildIgnoreTest {
    /// All of the list is tried where no build is needed.
    private static final int EVERY = 6;

    @Test
    @Shows({"IGN-01", "IGN-04"})
    void leavesOutWhatDockerDoes(Engine engine) {
        var builder = BuildFolder.builder(engine, "corten");
        List<IgnoreCase> all = IgnoreCase.all();
        var expected = new ArrayList<IgnoreCase>();
        var came = new ArrayList<IgnoreCase>();
        try (Scratch folder = Scratch.folder("corten-ignore")) {
            for (int i = 0; i < all.size(); i += EVERY) {
                expected.add(all.get(i));
                came.add(all.get(i).asked(builder, folder.file("c" + i), "ignore"));
            }
        }
        assertThat(came).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker", "corten"})
    @Shows({"IGN-02", "IGN-03", "IGN-06"})
    void whatIsIgnoredIsNotSent(String program, Engine engine) throws Exception {
        try (var build = BuildFolder.of(engine, program)) {
            build.file("Dockerfile", "FROM busybox\nCOPY . /ctx\n");
            build.file("app.js", "1\n");
            build.file("node_modules/big", "x".repeat(3_000_000));
            build.file("dist/x", "x");
            build.file("npm-debug.log", "x");
            String all = build.build("-t", "all").ok() + build.said();
            build.file(
                    ".dockerignore",
                    "node_modules\ndist\nnpm-debug.log\nDockerfile\n.dockerignore\n");
            String less = build.build("-t", "less").ok() + build.said();
            assertThat(engine.docker().ok("run", "--rm", "less", "ls", "-A", "/ctx"))
                    .isEqualTo("app.js");
            assertThat(all).containsPattern("(Docker daemon +|transferring context: )3[.0-9]*MB");
            assertThat(less).containsPattern("(Docker daemon +|transferring context: )[.0-9]+k?B");
        }
    }

    @Test
    @Shows("IGN-05")
    void theListBesideTheDockerfileWins(Engine engine) throws Exception {
        try (var build = BuildFolder.of(engine, "corten")) {
            build.file("ci/Other", "FROM busybox\nCOPY . /ctx\n");
            build.file("ci/Other.dockerignore", "ci\n*.md\n");
            build.file(".dockerignore", "*.txt\n");
            build.file("a.txt", "");
            build.file("b.md", "");
            build.build("-f", Path.of("ci/Other").toString(), "-t", "beside").ok();
            assertThat(engine.docker().ok("run", "--rm", "beside", "ls", "/ctx"))
                    .isEqualTo("a.txt");
            Files.delete(build.path("ci/Other.dockerignore"));
            build.build("-f", "ci/Other", "-t", "beside").ok();
            assertThat(engine.docker().ok("run", "--rm", "beside", "ls", "/ctx"))
                    .isEqualTo("b.md\nci");
        }
    }
}
