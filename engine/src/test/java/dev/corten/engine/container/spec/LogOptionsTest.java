package dev.corten.engine.container.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import dev.corten.model.container.LogConfig;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogOptionsTest {
    private static LogOptions of(Map<String, String> options) {
        return LogOptions.of(new LogConfig("json-file", options)).orElseThrow();
    }

    @Test
    void logsAreRotatedUnlessToldOtherwise() {
        assertThat(of(Map.of())).isEqualTo(new LogOptions(20L << 20, 5));
        assertThat(of(Map.of("max-size", "-1"))).isEqualTo(new LogOptions(0, 1));
        assertThat(of(Map.of("max-size", "10k", "max-file", "3")))
                .isEqualTo(new LogOptions(10240, 3));
        assertThat(of(Map.of("max-size", "1MB"))).isEqualTo(new LogOptions(1 << 20, 1));
    }

    @Test
    void noneLogsNothing() {
        assertThat(LogOptions.of(new LogConfig("none", Map.of()))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "zz", "-5", "0", "99999999999999999999g", "9223372036854775807k"})
    void aBadSizeIsRefused(String size) {
        assertThatThrownBy(() -> of(Map.of("max-size", size))).isInstanceOf(InvalidParameter.class);
    }
}
