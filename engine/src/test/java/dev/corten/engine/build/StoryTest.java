package dev.corten.engine.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.model.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class StoryTest {
    private static final String CONTEXT = "[internal] load build context";

    private static Digest digest(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Story story(
            String name, String definition, String below, Map<String, String> files) {
        SortedMap<String, String> sorted = new TreeMap<>(files);
        return new Story(
                "web a 2",
                name,
                digest(definition),
                List.of(
                        new Story.Input(digest(below), "[a 1/4] FROM busybox"),
                        new Story.Input(digest(files.toString()), CONTEXT)),
                sorted);
    }

    private static final Story BEFORE =
            story(
                    "[a 2/4] COPY src /app",
                    "copy",
                    "base",
                    Map.of("src/a b", "644one", "src/gone", "644x"));

    @Test
    void whatIsWrittenIsRead() {
        assertThat(Story.read(BEFORE.write(), "web a 2")).contains(BEFORE);
        assertThat(Story.read(BEFORE.write(), "web a 3")).isEmpty();
        assertThat(Story.read(new byte[0], "web a 2")).isEmpty();
        assertThat(Story.read("definition x\n".getBytes(StandardCharsets.UTF_8), "k")).isEmpty();
    }

    @Test
    void filesThatChangedAreNamed() {
        Story now =
                story(
                        "[a 2/4] COPY src /app",
                        "copy",
                        "base",
                        Map.of("src/a b", "644two", "src/new", "644y"));
        assertThat(now.since(BEFORE))
                .isEqualTo("files changed: src/a b, src/gone (gone), src/new (new)");
    }

    @Test
    void theInstructionComesFirst() {
        Story other = story("[a 2/5] COPY lib /app", "other", "base", Map.of());
        assertThat(other.since(BEFORE)).isEqualTo("the instruction changed; it was: COPY src /app");
        Story options = story("[a 2/5] COPY src /app", "other", "base", Map.of());
        assertThat(options.since(BEFORE))
                .isEqualTo(
                        "what it depends on beside files changed: variables, arguments or options");
    }

    @Test
    void whatItBeginsWith() {
        Story now = story("[a 2/4] COPY src /app", "copy", "newer", BEFORE.files());
        assertThat(now.since(BEFORE))
                .isEqualTo("what it begins with changed: [a 1/4] FROM busybox");
        assertThat(BEFORE.since(BEFORE)).isEqualTo("its result is not in the cache any more");
    }
}
