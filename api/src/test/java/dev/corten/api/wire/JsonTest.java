package dev.corten.api.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.engine.event.Event;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Go's JSON, times and words.
class JsonTest {
    @Test
    void escapesAsGoDoes() {
        String text = "\"\\/\b\f\n\r\t\u0001\u007f<>&\u2028한😀\uDC80";
        assertThat(Json.object(o -> o.text("k", text)).toString())
                .isEqualTo("{\"k\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\u007f<>&\\u2028한😀\\udc80\"}");
        assertThat(Json.escapedObject(o -> o.text("k", "<>&")).toString())
                .isEqualTo("{\"k\":\"\\u003c\\u003e\\u0026\"}");
    }

    @Test
    void timesHaveNoTrailingZeros() {
        assertThat(GoTime.format(Instant.parse("2026-01-02T03:04:05.100Z")))
                .isEqualTo("2026-01-02T03:04:05.1Z");
        assertThat(GoTime.format(Instant.parse("2026-01-02T03:04:05Z")))
                .isEqualTo("2026-01-02T03:04:05Z");
        assertThat(GoTime.format(Instant.parse("2026-01-02T03:04:05.000000001Z")))
                .isEqualTo("2026-01-02T03:04:05.000000001Z");
        assertThat(GoTime.format(GoTime.ZERO)).isEqualTo("0001-01-01T00:00:00Z");
    }

    @Test
    void progressAsDockerPrintsIt() {
        assertThat(Progress.size(47_620)).isEqualTo("47.62kB");
        assertThat(Progress.size(1_983_000)).isEqualTo("1.983MB");
        assertThat(Progress.size(512)).isEqualTo("512B");
        assertThat(Progress.bar(500, 1000))
                .isEqualTo("[" + "=".repeat(25) + ">" + " ".repeat(25) + "]     500B/1kB");
        assertThat(new String(ImageJson.progress("Loading layer", "ab", 1, 2)))
                .startsWith("{\"status\":\"Loading layer\",\"progressDetail\":{\"current\":1,")
                .contains("\\u003e")
                .endsWith("\r\n");
    }

    @Test
    void eventsBeginWithTheOldFields() {
        Event start =
                Event.of(
                        "container",
                        "start",
                        "abc",
                        Map.of("name", "c1", "image", "busybox", "l", "<v>"),
                        Instant.ofEpochSecond(1795267505L, 930214663));
        assertThat(EventJson.write(start).toString())
                .isEqualTo(
                        "{\"status\":\"start\",\"id\":\"abc\",\"from\":\"busybox\",\"Type\":"
                                + "\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"abc\","
                                + "\"Attributes\":{\"image\":\"busybox\",\"l\":\"\\u003cv\\u003e\","
                                + "\"name\":\"c1\"}},\"scope\":\"local\",\"time\":1795267505,"
                                + "\"timeNano\":1795267505930214663}");
        assertThat(passes(start, "{\"container\":[\"c1\"]}")).isTrue();
        assertThat(passes(start, "{\"container\":[\"ab\"],\"event\":[\"die\"]}")).isFalse();
        assertThat(passes(start, "{\"type\":[\"network\"]}")).isFalse();
        assertThat(passes(start, "{\"image\":[\"busybox\"],\"nobodyknows\":[\"x\"]}")).isTrue();
        assertThat(passes(start, "{\"label\":[\"l=<v>\"]}")).isTrue();
        Event exec = Event.of("container", "exec_start: ls", "abc", Map.of(), Instant.EPOCH);
        assertThat(passes(exec, "{\"event\":[\"exec_start\"]}")).isTrue();
    }

    private static boolean passes(Event event, String filters) {
        return EventJson.filter(Filters.parse(filters)).test(event);
    }
}
