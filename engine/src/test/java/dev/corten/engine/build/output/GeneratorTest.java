package dev.corten.engine.build.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.build.work.StepCommand;
import dev.corten.build.work.StepExit;
import dev.corten.build.work.StepMount;
import dev.corten.engine.event.Events;
import dev.corten.engine.pull.PullLimits;
import dev.corten.engine.pull.Pulls;
import dev.corten.engine.pull.RegistrySource;
import dev.corten.kernel.Errno;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotFound;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.image.BuiltImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Programs that make bills of materials, good and bad ones.
@Timeout(60)
final class GeneratorTest {
    @TempDir Path dir;

    private Results results;
    private Finished result;

    @BeforeEach
    void open() throws Exception {
        results = new Results(dir);
        result = results.finished(Platform.host(), "a");
        var config = new ImageConfig.Editor();
        config.entrypoint = List.of("/scan");
        config.env = List.of("A=b");
        results.store
                .images()
                .addBuilt(
                        List.of(
                                new BuiltImage(
                                        Platform.host(),
                                        "",
                                        config.done(),
                                        results.layers("scan"),
                                        List.of(),
                                        Optional.empty(),
                                        "",
                                        Optional.empty(),
                                        List.of(Reference.parse("gen").orLatest()),
                                        Optional.empty())));
    }

    @AfterEach
    void close() throws IOException {
        results.close();
    }

    private interface Program {
        int run(StepCommand command, Path source, Path destination) throws IOException;
    }

    private List<Scanner.Found> scan(String generator, Program program)
            throws IOException, InterruptedException {
        var pulls =
                new Pulls(
                        results.store.images(),
                        RegistrySource.of(results.client),
                        () -> new PullLimits(3, 2, 1 << 20),
                        new Events(Clock.systemUTC()),
                        dir.resolve("nothing"));
        return new Generator(
                        results.store,
                        pulls,
                        (command, _) -> {
                            var source = (StepMount.Bind) command.mounts().getFirst();
                            var destination = (StepMount.Bind) command.mounts().getLast();
                            assertThat(source.readOnly()).isTrue();
                            int code =
                                    program.run(
                                            command,
                                            Path.of(source.source().procPath()),
                                            Path.of(destination.source().procPath()));
                            return new StepExit(code, false);
                        })
                .scan(result, generator, Results.SILENT);
    }

    @Test
    void itSeesTheFilesAndItsWordsAreRead() throws Exception {
        List<Scanner.Found> found =
                scan(
                        "gen",
                        (command, source, destination) -> {
                            assertThat(command.arguments()).containsExactly("/scan");
                            assertThat(command.environment())
                                    .contains(
                                            "A=b",
                                            "BUILDKIT_SCAN_SOURCE=/run/src/core/sbom",
                                            "BUILDKIT_SCAN_DESTINATION=/run/out/");
                            Files.copy(source.resolve("a"), destination.resolve("x.spdx.json"));
                            return 0;
                        });
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().name()).isEqualTo("x.spdx.json");
        assertThat(new String(found.getFirst().statement())).isEqualTo("content of a");
        assertThat(results.store.layout().temporary()).isEmptyDirectory();
    }

    @Test
    void whatItWritesMayLeadNowhere() {
        Path secret = dir.resolve("secret");
        assertThatThrownBy(() ->
                        scan(
                                "gen",
                                (_, _, destination) -> {
                                    Files.writeString(secret, "secret");
                                    Files.createSymbolicLink(
                                            destination.resolve("x.spdx.json"), secret);
                                    return 0;
                                }))
                .isInstanceOf(Errno.class)
                .hasMessageContaining("ELOOP");
        assertThatThrownBy(() ->
                        scan(
                                "gen",
                                (_, _, destination) -> {
                                    Files.createDirectory(destination.resolve("x.spdx.json"));
                                    return 0;
                                }))
                .isInstanceOf(InvalidParameter.class);
        assertThat(results.store.layout().temporary()).isEmptyDirectory();
    }

    @Test
    void itsFailureIsToldAndLeavesNothing() {
        assertThatThrownBy(() -> scan("gen", (_, _, _) -> 3))
                .hasMessage("process \"/scan\" did not complete successfully: exit code: 3");
        assertThat(results.store.layout().temporary()).isEmptyDirectory();
    }

    @Test
    void oneThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> scan(results.host + "/none", (_, _, _) -> 0))
                .isInstanceOf(NotFound.class)
                .hasMessageStartingWith(
                        "failed to resolve source metadata for " + results.host + "/none:latest: ");
    }
}
