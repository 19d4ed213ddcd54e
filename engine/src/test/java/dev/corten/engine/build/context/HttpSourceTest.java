package dev.corten.engine.build.context;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HttpSourceTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://h/a/b.tgz?x=1 | '' | b.tgz",
                "http://h/ | '' | download",
                "http://h | '' | download",
                "http://h/a/.. | '' | download",
                "http://h/a | attachment; filename=\"c d\" | c d",
                "http://h/a | attachment; filename=c | c",
                "http://h/a | attachment; filename=\"../../etc/passwd\" | passwd",
                "http://h/a | attachment; filename=\"..\" | a",
                "http://h/a | inline | a",
            })
    void nameOfAFile(String address, String disposition, String name) {
        assertEquals(name, HttpSource.name(URI.create(address), disposition));
    }
}
