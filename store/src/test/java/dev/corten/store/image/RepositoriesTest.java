package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The golden file is of format 1 and does not change: later versions must read what earlier ones have
/// written. `docs/formats/on-disk.md` says what is in it.
final class RepositoriesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/format-1/repositories.json");
    private static final Path PULLED =
            Path.of("src/test/resources/format-1/repositories-pulled.json");
    private static final Digest IMAGE = Digest.parse("sha256:" + "ab".repeat(32));
    private static final Digest PARENT = Digest.parse("sha256:" + "cd".repeat(32));

    private static final Repositories NAMES =
            new Repositories(
                    Map.of(
                            Reference.parse("busybox:latest"), PARENT,
                            Reference.parse("localhost:5000/team/web:1"), IMAGE,
                            Reference.parse("web:1"), IMAGE),
                    Map.of(),
                    Map.of(
                            IMAGE,
                            new Repositories.Facts(
                                    Optional.of(Instant.parse("2026-01-02T03:04:05.678Z")),
                                    Optional.of(PARENT),
                                    List.of(),
                                    List.of()),
                            PARENT,
                            Repositories.Facts.NONE));

    @Test
    void readsAndWritesFormat1() throws IOException {
        byte[] golden = Files.readAllBytes(GOLDEN);
        assertThat(Repositories.read(golden)).isEqualTo(NAMES);
        assertThat(new String(NAMES.write(), StandardCharsets.UTF_8))
                .as("a change of what is written needs a new format, see docs/formats/on-disk.md")
                .isEqualTo(new String(golden, StandardCharsets.UTF_8));
    }

    @Test
    void namesOfPulledImagesKeepWhatTheyStoodFor() throws IOException {
        var target = Descriptor.of(MediaTypes.OCI_INDEX, PARENT, 1234);
        var pulled =
                Repositories.EMPTY
                        .withManifests(IMAGE, List.of(PARENT))
                        .withPulled(Reference.parse("web:1"), IMAGE, target);
        byte[] golden = Files.readAllBytes(PULLED);
        assertThat(new String(pulled.write(), StandardCharsets.UTF_8))
                .isEqualTo(new String(golden, StandardCharsets.UTF_8));
        assertThat(Repositories.read(golden)).isEqualTo(pulled);
        assertThat(pulled.documents()).containsExactly(PARENT);
        assertThat(pulled.facts(IMAGE).lastTagTime()).isEmpty();
        Instant now = Instant.parse("2026-01-02T03:04:05Z");
        var moved = pulled.with(Reference.parse("web:1"), PARENT, Optional.empty(), now);
        assertThat(moved.target(Reference.parse("web:1"))).isEmpty();
        assertThat(moved.without(List.of(Reference.parse("web:1"))).onlyOf(List.of()).documents())
                .isEmpty();
    }

    @Test
    void laterFormatsAreRefused() throws IOException {
        String later = Files.readString(GOLDEN).replace("\"format\" : 1", "\"format\" : 2");
        assertThatThrownBy(() -> Repositories.read(later.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class)
                .hasMessage("repositories.json has an unknown format");
    }

    @Test
    void whatWasMadeHereGoesWithTheLastNameThatStandsForIt() throws IOException {
        Digest manifest = Digest.parse("sha256:" + "12".repeat(32));
        Digest blob = Digest.parse("sha256:" + "34".repeat(32));
        var target = Descriptor.of(MediaTypes.OCI_MANIFEST, manifest, 99);
        Repositories.Editor editor = Repositories.EMPTY.edit();
        editor.name(Reference.parse("web:1"), IMAGE, Optional.of(target), Instant.EPOCH);
        editor.name(Reference.parse("web:2"), IMAGE, Optional.of(target), Instant.EPOCH);
        editor.made(
                manifest, new Repositories.Made(Map.of(manifest, IMAGE), java.util.Set.of(blob)));
        Repositories made = editor.done();
        assertThat(Repositories.read(made.write())).isEqualTo(made);
        assertThat(made.documents()).containsExactlyInAnyOrder(manifest, blob);
        assertThat(made.madeOf(blob)).hasSize(2);
        Repositories one = made.without(List.of(Reference.parse("web:1")));
        assertThat(one.documents()).contains(blob);
        assertThat(one.without(List.of(Reference.parse("web:2"))).documents()).isEmpty();
    }
}
