package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.systests.WithRegistry.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `system check`, also known as `fsck`: it finds damage that was planted, and repairs it.
@ExtendWith(WithRegistry.class)
@Shows("DSK-34")
class StoreDamageTest {
    private static Path blob(Lab lab, String digest) {
        return lab.engine()
                .dataRoot()
                .resolve("content/blobs/sha256/" + digest.substring("sha256:".length()));
    }

    private static Finished check(Lab lab, String... options) {
        var words = new java.util.ArrayList<>(java.util.List.of("system", "fsck"));
        words.addAll(java.util.List.of(options));
        return lab.engine().corten().run(words.toArray(String[]::new));
    }

    private static void findsAndRepairs(Lab lab, String subject) {
        Finished found = check(lab);
        assertThat(found.status()).as(found.toString()).isEqualTo(1);
        assertThat(found.out()).contains(subject);
        Finished repaired = check(lab, "--repair");
        assertThat(repaired.status()).as(repaired.toString()).isZero();
        assertThat(repaired.out()).contains(subject);
        assertThat(check(lab).ok()).isEqualTo("nothing is damaged");
    }

    private static Published.Layer pulled(Lab lab, long seed) {
        Published image = Published.noise(seed, 5000);
        image.publish(lab.registry().api(), "damaged", "s" + seed);
        lab.engine().docker().ok("pull", lab.name("damaged:s" + seed));
        assertThat(check(lab).ok()).isEqualTo("nothing is damaged");
        return image.layers().getLast();
    }

    @Test
    void aBlobOfOtherBytes(Lab lab) throws IOException {
        Published.Layer layer = pulled(lab, 61);
        byte[] bytes = layer.blob().clone();
        bytes[100] ^= 1;
        Files.write(blob(lab, layer.digest()), bytes);
        findsAndRepairs(lab, layer.digest());
        // From the registry, by the image's name.
        assertThat(blob(lab, layer.digest())).hasBinaryContent(layer.blob());
    }

    @Test
    void aBlobThatIsGone(Lab lab) throws IOException {
        Published.Layer layer = pulled(lab, 62);
        Files.delete(blob(lab, layer.digest()));
        findsAndRepairs(lab, layer.digest());
        assertThat(blob(lab, layer.digest())).hasBinaryContent(layer.blob());
    }

    @Test
    void aConfigurationOfOtherBytes(Lab lab) throws IOException {
        pulled(lab, 63);
        String id = Published.noise(63, 5000).id();
        Path file =
                lab.engine()
                        .dataRoot()
                        .resolve(
                                "image/overlay2/imagedb/content/sha256/"
                                        + id.substring("sha256:".length()));
        Files.writeString(file, "{}", UTF_8);
        Finished found = check(lab);
        assertThat(found.status()).isEqualTo(1);
        assertThat(found.out()).contains(id.substring("sha256:".length(), 30));
        check(lab, "--repair");
        assertThat(check(lab).ok()).isEqualTo("nothing is damaged");
    }

    @Test
    void aFolderThatBelongsToNothing(Lab lab) throws IOException {
        pulled(lab, 64);
        String name = "ab".repeat(32);
        Path orphan = lab.engine().dataRoot().resolve("overlay2/" + name);
        Files.createDirectories(orphan.resolve("diff"));
        // Younger ones may be somebody's work.
        Files.setLastModifiedTime(orphan, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        findsAndRepairs(lab, name);
        assertThat(orphan).doesNotExist();
    }
}
