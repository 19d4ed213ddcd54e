package dev.corten.store.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.Release;
import dev.corten.model.image.History;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.Durable;
import dev.corten.store.Store;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BuiltImageTest {
    private static final Instant THEN = Instant.parse("2026-11-22T07:03:37.120Z");
    private static final String CONTAINER = "ab".repeat(32);
    private static final Platform PLATFORM = new Platform("linux", "amd64", "");

    private static BuiltImage image(
            Optional<Digest> parent, List<Reference> names, boolean classic) {
        var config = new ImageConfig.Editor();
        config.env = List.of("A=b");
        config.cmd = List.of("sh");
        config.volumes = new TreeSet<>(List.of("/v"));
        config.shell = List.of();
        return new BuiltImage(
                PLATFORM,
                "",
                config.done(),
                List.of(),
                List.of(new History(Optional.of(THEN), "CMD", "me", "", true)),
                Optional.of(THEN),
                "me",
                parent,
                names,
                classic
                        ? Optional.of(
                                new BuiltImage.ClassicStep(
                                        CONTAINER, List.of("/bin/sh", "-c", "#(nop) ", "CMD")))
                        : Optional.empty());
    }

    @Test
    void classicDocument() {
        Digest parent = Digest.of(new byte[1]);
        String common =
                "\"Domainname\":\"\",\"User\":\"\",\"AttachStdin\":false,"
                        + "\"AttachStdout\":false,\"AttachStderr\":false,\"Tty\":false,"
                        + "\"OpenStdin\":false,\"StdinOnce\":false,\"Env\":[\"A=b\"],\"Cmd\":";
        String rest =
                ",\"Image\":\""
                        + parent
                        + "\",\"Volumes\":{\"/v\":{}},\"WorkingDir\":\"\","
                        + "\"Entrypoint\":null,\"OnBuild\":null,\"Labels\":";
        assertThat(new String(image(Optional.of(parent), List.of(), true).document(), UTF_8))
                .isEqualTo(
                        "{\"architecture\":\"amd64\",\"author\":\"me\",\"config\":"
                                + "{\"Hostname\":\"\","
                                + common
                                + "[\"sh\"]"
                                + rest
                                + "null},"
                                + "\"container\":\""
                                + CONTAINER
                                + "\",\"container_config\":"
                                + "{\"Hostname\":\"abababababab\","
                                + common
                                + "[\"/bin/sh\",\"-c\",\"#(nop) \",\"CMD\"]"
                                + rest
                                + "{}},"
                                + "\"created\":\"2026-11-22T07:03:37.12Z\",\"docker_version\":\""
                                + Release.DOCKER_VERSION
                                + "\",\"history\":[{\"created\":"
                                + "\"2026-11-22T07:03:37.12Z\",\"created_by\":\"CMD\",\"author\":\"me\","
                                + "\"empty_layer\":true}],\"os\":\"linux\","
                                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}");
    }

    @Test
    void plainDocumentLeavesOutWhatIsEmpty() {
        assertThat(new String(image(Optional.empty(), List.of(), false).document(), UTF_8))
                .isEqualTo(
                        "{\"architecture\":\"amd64\",\"author\":\"me\",\"config\":"
                                + "{\"Env\":[\"A=b\"],\"Cmd\":[\"sh\"],\"Volumes\":{\"/v\":{}}},"
                                + "\"created\":\"2026-11-22T07:03:37.12Z\",\"history\":[{\"created\":"
                                + "\"2026-11-22T07:03:37.12Z\",\"created_by\":\"CMD\",\"author\":\"me\","
                                + "\"empty_layer\":true}],\"os\":\"linux\","
                                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}");
    }

    @Test
    void isStoredWithParentAndNames(@TempDir Path root) throws Exception {
        try (var store = Store.open(root, new Durable(), Clock.systemUTC())) {
            BuiltImage lower = image(Optional.empty(), List.of(), true);
            BuiltImage upper =
                    image(Optional.of(lower.id()), List.of(Reference.parse("x:1")), true);
            assertThat(store.images().addBuilt(List.of(lower, upper))).isEmpty();
            Image found = store.images().get("x:1");
            assertThat(found.id()).isEqualTo(upper.id());
            assertThat(found.parent()).contains(lower.id());
            assertThat(store.images().find(lower.id())).isPresent();
        }
    }
}
