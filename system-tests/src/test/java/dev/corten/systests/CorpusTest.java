package dev.corten.systests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/// The Dockerfiles of `src/test/corpus`, built and run: what comes of them is what Docker 28.5 made,
/// as `system-tests/corpus/record` wrote it down. `corten build` is compared with BuildKit, the docker
/// command line with Docker's classic builder.
@ExtendWith(BuildEngine.class)
class CorpusTest {
    /// `-Dcorpus=NAME,NAME` builds these only.
    private static final List<String> CHOSEN = List.of(System.getProperty("corpus", "").split(","));

    @TestFactory
    Stream<DynamicTest> asBuildKit(Engine engine) {
        return tests(engine, "buildkit");
    }

    @TestFactory
    Stream<DynamicTest> asTheClassicBuilder(Engine engine) {
        return tests(engine, "classic");
    }

    private static Stream<DynamicTest> tests(Engine engine, String builder) {
        return BuildCase.all().stream()
                .filter(build -> CHOSEN.contains("") || CHOSEN.contains(build.name()))
                .filter(build ->
                        build.builders().contains(builder)
                                || builder.equals("buildkit") && build.builders().contains("ours"))
                .map(build ->
                        DynamicTest.dynamicTest(
                                build.name(),
                                build.file().toUri(),
                                () -> compare(engine, build, builder)));
    }

    private static void compare(Engine engine, BuildCase build, String builder) throws IOException {
        String program = builder.equals("classic") ? "docker" : Engine.program("corten").toString();
        Map<String, String> environment = new LinkedHashMap<>(engine.docker().environment());
        environment.put("DOCKER_BUILDKIT", "0");
        environment.put("CORTEN_HOST", environment.get("DOCKER_HOST"));
        var ours = new CorpusBuild(environment, program, true, engine.api());
        String tag = "corpus/" + build.name() + ":" + builder;
        try (Scratch folder = Scratch.folder("corten-corpus")) {
            String came = ours.of(build, folder.file("context"), tag);
            if (build.builders().contains(builder)) {
                String recorded = Files.readString(build.recorded(builder));
                Path expected = Files.writeString(folder.file("expected"), recorded);
                Path answer = Files.writeString(folder.file("came"), timed(came, recorded));
                assertThat(Running.run("diff", "-u", expected.toString(), answer.toString()).out())
                        .isEmpty();
            }
        }
    }

    /// A directory that Docker's step has changed last may have any time.
    private static String timed(String came, String recorded) {
        Set<String> all = recorded.lines().collect(Collectors.toSet());
        Set<String> open =
                all.stream()
                        .filter(line -> line.matches("  d \\d+ \\d+:\\d+ now .*"))
                        .collect(Collectors.toSet());
        return came.lines()
                        .map(line -> {
                            String any = line.replaceFirst("^(  d \\S+ \\S+) \\S+", "$1 now");
                            boolean free = open.contains(any) && !all.contains(line);
                            return free ? any : line;
                        })
                        .collect(Collectors.joining("\n"))
                + "\n";
    }
}
