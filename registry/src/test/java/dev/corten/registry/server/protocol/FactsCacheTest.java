package dev.corten.registry.server.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Digest;
import org.junit.jupiter.api.Test;

final class FactsCacheTest {
    private static boolean isKept(String more) {
        byte[] manifest =
                ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
                                + "\"manifests\":[]"
                                + more
                                + "}")
                        .getBytes(UTF_8);
        var cache = new FactsCache();
        Digest digest = Digest.of(manifest);
        cache.of(digest, manifest);
        return cache.find(digest).isPresent();
    }

    /// Or whoever may push makes the server keep as much as he likes.
    @Test
    void muchTextIsReadAgainInstead() {
        assertThat(isKept("")).isTrue();
        assertThat(isKept(",\"annotations\":{\"a\":\"b\"}")).isTrue();
        assertThat(isKept(",\"annotations\":{\"a\":\"" + "b".repeat(5000) + "\"}")).isFalse();
        assertThat(isKept(",\"annotations\":{\"" + "b".repeat(5000) + "\":\"\"}")).isFalse();
        assertThat(isKept(",\"artifactType\":\"" + "b".repeat(5000) + "\"")).isFalse();
    }
}
