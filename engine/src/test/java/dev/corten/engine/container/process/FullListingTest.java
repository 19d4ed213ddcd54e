package dev.corten.engine.container.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Lines of `ps -ef`, made of what the kernel tells.
class FullListingTest {
    private static final FullListing LISTING =
            new FullListing(
                    Instant.parse("2026-11-20T10:00:00Z"),
                    Instant.parse("2026-11-21T13:00:00Z"),
                    ZoneOffset.UTC,
                    100,
                    uid -> uid == 0 ? "root" : uid == 7 ? "a-long-name" : "",
                    "pts/0"::equals);

    private static List<String> row(
            String name, String state, int terminal, long used, long start, int uid, String line) {
        String stat =
                "42 (%s) %s 7 42 42 %d 42 4194560 1 2 3 4 %d 1 0 0 20 0 1 0 %d 99 88\n"
                        .formatted(name, state, terminal, used - 1, start);
        return LISTING.row(stat, uid, line.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }

    @Test
    void aProcessOfToday() {
        // Started 26 hours after the boot, an hour ago; it has used 36 minutes.
        assertThat(row("sleep", "S", 34816, 216_000, 9_360_000, 0, "sleep\0" + "1000\0"))
                .containsExactly(
                        "root", "42", "7", "60", "12:00", "pts/0", "00:36:00", "sleep 1000");
    }

    @Test
    void olderProcessesShowTheDay() {
        assertThat(row("x", "S", 0, 1, 0, 9, "x\0").subList(0, 6))
                .containsExactly("9", "42", "7", "0", "Nov20", "?");
    }

    @Test
    void terminalsOfTheHostHaveNames() {
        assertThat(row("x", "S", 136 << 8 | 1, 1, 0, 9, "x\0").get(5)).isEqualTo("?");
        assertThat(row("x", "S", 136 << 8, 1, 0, 9, "x\0").get(5)).isEqualTo("pts/0");
    }

    @Test
    void namesAndCommandLinesAreMadeFit() {
        assertThat(row("a) b (", "Z", 0, 1, 0, 7, ""))
                .startsWith("a-long-+")
                .endsWith("[a) b (] <defunct>");
        assertThat(row("sh", "S", 0, 1, 0, 7, "sh\0-c\0a\n  b\0\0\0").getLast())
                .isEqualTo("sh -c a? b");
    }

    @Test
    void daysOfProcessorTimeComeFirst() {
        assertThat(row("x", "R", 0, 100L * 90_061, 0, 0, "x\0").get(6)).isEqualTo("1-01:01:01");
    }

    @Test
    void aLineThatIsNotUnderstoodIsNoRow() {
        assertThat(LISTING.row("nonsense", 0, new byte[0])).isEmpty();
    }
}
