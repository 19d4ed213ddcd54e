package dev.corten.engine.build.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeptDownloadsTest {
    private static final Clock NOON =
            Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);

    @TempDir Path folder;
    private KeptDownloads kept;

    @BeforeEach
    void open() {
        kept = opened("boot");
    }

    private KeptDownloads opened(String boot) {
        return new KeptDownloads(folder.resolve("kept"), new Durable(), boot, NOON);
    }

    private KeptDownloads.Known keep(String key, String content, String etag) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        Path come = Files.createTempDirectory(folder, "come");
        Files.write(come.resolve("a\nname"), bytes);
        var known = new KeptDownloads.Known(Digest.of(bytes), "a\nname", etag, "");
        try (Fd root = FileCalls.openDirectory(come.toString())) {
            kept.keep(key, root, known);
        }
        return known;
    }

    @Test
    void theLastOneIsGivenOnceMore() throws IOException {
        Path place = folder.resolve("place");
        assertThat(kept.take("url", place)).isEmpty();
        keep("url", "one", "\"1\"");
        keep("other", "x", "\"x\"");
        KeptDownloads.Known two = keep("url", "two", "W/\"2\"");
        assertThat(two.conditions()).isEqualTo(Map.of("If-None-Match", "W/\"2\""));
        assertThat(kept.take("url", place)).contains(two);
        assertThat(place).hasContent("two");
        try (Stream<Path> files = Files.walk(folder.resolve("kept"))) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(4);
        }
    }

    @Test
    void whatAnotherBootHasWrittenIsNotTrusted() throws IOException {
        keep("url", "one", "\"1\"");
        assertThat(opened("later").take("url", folder.resolve("place"))).isEmpty();
        assertThat(folder.resolve("place")).doesNotExist();
    }

    @Test
    void damagedAndHalfOnesAreAsGoodAsNone() throws IOException {
        KeptDownloads.Known known = keep("url", "one", "\"1\"");
        Path directory;
        try (Stream<Path> all = Files.list(folder.resolve("kept"))) {
            directory = all.findFirst().orElseThrow();
        }
        Files.delete(directory.resolve(known.digest().hex()));
        assertThat(kept.take("url", folder.resolve("place"))).isEmpty();
        Files.writeString(directory.resolve("record"), "%%%");
        assertThat(kept.take("url", folder.resolve("place"))).isEmpty();
    }

    @Test
    void theyAreCountedAndRemoved() throws IOException {
        keep("url", "four", "\"1\"");
        var usage = kept.usage();
        assertThat(usage).hasSize(1);
        assertThat(usage.getFirst().size()).isEqualTo(4);
        assertThat(kept.take("url", folder.resolve("place"))).isPresent();
        assertThat(kept.usage().getFirst().lastUsed()).isEqualTo(NOON.instant());
        assertThat(kept.remove("nothing")).isFalse();
        assertThat(kept.remove(usage.getFirst().id())).isTrue();
        assertThat(kept.usage()).isEmpty();
        // A build that has it keeps it.
        assertThat(folder.resolve("place")).hasContent("four");
    }

    @ParameterizedTest
    @CsvSource({
        "'Mon, 02 Jan 2006 15:04:05 GMT', 'Mon, 02 Jan 2006 15:10:05 GMT', true",
        "'Mon, 02 Jan 2006 15:04:05 GMT', 'Mon, 02 Jan 2006 15:04:06 GMT', false",
        "'Mon, 02 Jan 2006 15:04:05 GMT', '', false",
        "'', 'Mon, 02 Jan 2006 15:04:06 GMT', false"
    })
    void aTimeThatIsTooYoungSaysNothing(String modified, String now, boolean reliable) {
        assertThat(HttpSource.reliable(Map.of("last-modified", modified, "date", now)))
                .isEqualTo(reliable ? modified : "");
    }
}
