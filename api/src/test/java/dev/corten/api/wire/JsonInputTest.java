package dev.corten.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonInputTest {
    static JsonInput input(String json) {
        return JsonInput.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    /// Go's decoder leaves the zero value where an array has null.
    @Test
    void nullInAnArrayIsTheZeroValue() {
        JsonInput input = input("{\"t\":[\"a\",null],\"r\":[[null,\"b\"],null],\"n\":[1,null]}");
        assertThat(input.texts("t")).containsExactly("a", "");
        assertThat(input.rows("r")).containsExactly(List.of("", "b"), List.of());
        assertThat(input.numbers("n")).containsExactly(1L, 0L);
    }

    @Test
    void otherTypesInAnArrayAreRefusedByName() {
        assertThatThrownBy(() -> input("{\"r\":[[1]]}").rows("r"))
                .isInstanceOf(InvalidParameter.class)
                .hasMessage("invalid JSON: r must be a string");
    }
}
