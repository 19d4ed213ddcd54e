package dev.corten.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What a prune may remove.
class PruneFilterTest {
    private static final Instant NOW = Instant.parse("2026-11-21T13:00:00Z");

    private static boolean passes(String filters, String created, Map<String, String> labels) {
        return PruneFilter.parse(Filters.parse(filters), NOW)
                .passes(Instant.parse(created), labels);
    }

    @Test
    void untilIsADurationOrATime() {
        for (String until : new String[] {"1h", "30m30m", "1795262400", "2026-11-21T12:00:00Z"}) {
            String filter = "{\"until\":[\"" + until + "\"]}";
            assertThat(passes(filter, "2026-11-21T11:59:59Z", Map.of())).as(until).isTrue();
            assertThat(passes(filter, "2026-11-21T12:00:01Z", Map.of())).as(until).isFalse();
        }
        assertThat(FilterTime.parse("1.5s", NOW)).isEqualTo(NOW.minusMillis(1500));
        assertThat(FilterTime.parse("7.25", NOW)).isEqualTo(Instant.ofEpochMilli(7250));
        Instant local =
                LocalDateTime.of(2026, 1, 2, 3, 4).atZone(ZoneId.systemDefault()).toInstant();
        assertThat(FilterTime.parse("2026-01-02T03:04", NOW)).isEqualTo(local);
        assertThat(FilterTime.parse("2026-01-02", NOW)).isBefore(local);
    }

    @Test
    void labelsAreWantedOrNot() {
        var labels = Map.of("a", "1");
        String any = "2026-11-21T12:00:00Z";
        assertThat(passes("{\"label\":[\"a\"]}", any, labels)).isTrue();
        assertThat(passes("{\"label\":[\"a=2\"]}", any, labels)).isFalse();
        assertThat(passes("{\"label!\":[\"a=1\"]}", any, labels)).isFalse();
        assertThat(passes("{\"label!\":[\"b\"]}", any, labels)).isTrue();
        assertThat(passes("", any, labels)).isTrue();
    }

    @Test
    void whatIsNotUnderstoodIsRefused() {
        for (String filter : new String[] {"{\"name\":[\"x\"]}", "{\"until\":[\"soon\"]}"}) {
            assertThatThrownBy(() -> passes(filter, NOW.toString(), Map.of()))
                    .isInstanceOf(InvalidParameter.class);
        }
        assertThatThrownBy(() -> passes("{\"until\":[\"1h\",\"2h\"]}", NOW.toString(), Map.of()))
                .hasMessage("more than one until filter specified");
    }
}
