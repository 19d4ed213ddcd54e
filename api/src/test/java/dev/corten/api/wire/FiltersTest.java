package dev.corten.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corten.model.InvalidParameter;
import org.junit.jupiter.api.Test;

class FiltersTest {
    @Test
    void nothingFiltersNothing() {
        for (String text : new String[] {"", "null", "{}", "{\"label\":null}", "{\"label\":[]}"}) {
            assertThat(Filters.parse(text).has("label")).as(text).isFalse();
        }
    }

    @Test
    void bothFormsAreRead() {
        assertThat(Filters.parse("{\"label\":[\"a\"]}").get("label")).containsExactly("a");
        assertThat(Filters.parse("{\"label\":{\"a\":true}}").get("label")).containsExactly("a");
    }

    @Test
    void otherThingsAreRefused() {
        for (String text : new String[] {"[]", "5", "{\"label\":5}", "{\"label\":[null]}", "{"}) {
            assertThatThrownBy(() -> Filters.parse(text))
                    .as(text)
                    .isInstanceOf(InvalidParameter.class);
        }
    }
}
