package dev.corten.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonTest {
    private static Json parse(String text) throws IOException {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsWhatItWrites() throws IOException {
        String text = "{\"b\":[1,-2.50e3,true,false,null,\"한 \\\" \\\\ \\n\"],\"a\":{},\"c\":[]}";
        assertThat(parse(text).toString()).isEqualTo(text);
    }

    @Test
    void bytesThatAreNoUtf8TravelAsEscapes() throws IOException {
        String raw = "a\udcffb";
        String written = new JsonWriter().values(List.of(raw)).toString();
        assertThat(written).isEqualTo("[\"a\\udcffb\"]");
        assertThat(parse(written).items().getFirst().text("")).isEqualTo(raw);
        assertThat(new JsonWriter().value("😀").toString()).isEqualTo("\"😀\"");
    }

    @Test
    void whatIsAbsentHasDefaults() throws IOException {
        Json json = parse("{\"n\":1}");
        assertThat(json.get("x").get("y").text("none")).isEqualTo("none");
        assertThat(json.get("n").text("no text")).isEqualTo("no text");
        assertThat(json.get("n").integer(0)).isEqualTo(1);
        assertThat(json.get("x").items()).isEmpty();
    }

    @Test
    void malformedTextIsRefused() {
        for (String text :
                List.of(
                        "",
                        "{",
                        "[1,",
                        "{\"a\"}",
                        "{\"a\":1,}",
                        "[1 2]",
                        "tru",
                        "\"\\x\"",
                        "\"\\u12\"",
                        "1 2",
                        "-",
                        "{1:2}",
                        "\"a\nb\"",
                        "[".repeat(300),
                        "nul")) {
            assertThatThrownBy(() -> parse(text)).as(text).isInstanceOf(IOException.class);
        }
    }

    @Test
    void noiseNeverBreaksTheReader() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] valid = "{\"a\":[1,\"x\\u00e9\",null]}".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = valid.clone();
            for (int j = random.nextInt(3); j >= 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                Json.parse(bytes);
            } catch (IOException expected) {
                assertThat(expected).as("seed %d", seed).isNotNull();
            }
        }
    }

    @Test
    void readsOneValueAfterAnother() throws IOException {
        var reader =
                new JsonReader(
                        new ByteArrayInputStream("{\"a\":1}\r\n{\"a\":2}{\"a\":3} 4 ".getBytes()));
        var sum = 0L;
        for (int i = 0; i < 3; i++) {
            sum += reader.next().get("a").integer(0);
        }
        assertThat(sum).isEqualTo(6);
        assertThat(reader.next().integer(0)).isEqualTo(4);
        assertThat(reader.next()).isNull();
    }

    @Test
    void indentKeepsEveryTokenAsItIs() {
        String indented =
                new String(
                        JsonIndent.indent(
                                "[{\"a\":{},\"b\":[ ],\"c\":[1, 2.0],\"d\":\"{\\\"\\u00e9\"}]\n"
                                        .getBytes(),
                                "",
                                "    "));
        assertThat(indented)
                .isEqualTo(
                        """
                        [
                            {
                                "a": {},
                                "b": [],
                                "c": [
                                    1,
                                    2.0
                                ],
                                "d": "{\\"\\u00e9"
                            }
                        ]\
                        """);
    }
}
