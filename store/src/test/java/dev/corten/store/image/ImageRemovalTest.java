package dev.corten.store.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.image.Images.Force;
import dev.corten.store.image.Images.Parents;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class ImageRemovalTest {
    private static final int MANY = 20_000;

    /// Each name by itself took minutes: all others were copied for it.
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void allOfManyNamesGoAtOnce() {
        var document =
                new ImageDocument(
                        Optional.empty(),
                        "",
                        "",
                        "",
                        Platform.host(),
                        "",
                        ImageConfig.EMPTY,
                        List.of(),
                        List.of());
        Digest id = Digest.of(document.write());
        Repositories.Editor names = Repositories.EMPTY.edit();
        for (int n = 0; n < MANY; n++) {
            names.name(Reference.parse("x/y:" + n), id, Optional.empty(), Instant.EPOCH);
        }
        var catalog = new Catalog(names.done(), Map.of(id, document), _ -> 0);
        var removal =
                new ImageRemoval(
                        catalog,
                        catalog.find(id).orElseThrow(),
                        id.hex(),
                        Force.YES,
                        Parents.PRUNE,
                        ImageUse.NONE);
        removal.run();
        assertThat(removal.removals()).hasSize(MANY + 1);
        assertThat(removal.after().images()).isEmpty();
        assertThat(removal.after().names().names()).isEmpty();
    }
}
