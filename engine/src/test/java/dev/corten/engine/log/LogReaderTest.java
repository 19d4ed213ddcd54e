package dev.corten.engine.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class LogReaderTest {
    private static final String NAME = "x-json.log";

    @TempDir Path directory;

    private static String entry(String log) {
        return "{\"log\":\""
                + log
                + "\",\"stream\":\"stdout\",\"time\":\"2026-01-02T03:04:05.1Z\"}\n";
    }

    private void append(String text) throws IOException {
        Files.writeString(
                directory.resolve(NAME),
                text,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private List<String> read(OptionalInt tail) throws IOException {
        var lines = new ArrayList<String>();
        new LogReader(directory, NAME).read(tail, Optional.empty(), e -> lines.add(text(e)));
        return lines;
    }

    private static String text(LogEntry entry) {
        return new String(entry.data(), StandardCharsets.UTF_8);
    }

    @Test
    void readsEscapesAndStreams() throws IOException {
        append(
                "{\"log\":\"a\\u003cb\\\"\\\\\\t\\ufffd\\n\",\"stream\":\"stderr\",\"time\":\"t\"}\n");
        var entries = new ArrayList<LogEntry>();
        new LogReader(directory, NAME).read(OptionalInt.empty(), Optional.empty(), entries::add);
        assertThat(entries).hasSize(1);
        assertThat(text(entries.getFirst())).isEqualTo("a<b\"\\\t\uFFFD\n");
        assertThat(entries.getFirst().stream()).isEqualTo(2);
        assertThat(entries.getFirst().time()).isEqualTo("t");
    }

    @Test
    void aLineWithoutItsNewlineDoesNotCountYet() throws IOException {
        append(entry("one\\n") + "{\"log\":\"two");
        assertThat(read(OptionalInt.empty())).containsExactly("one\n");
    }

    @Test
    void tailGoesBackOverRotatedFiles() throws IOException {
        append(entry("1") + entry("2") + entry("3"));
        Files.move(directory.resolve(NAME), directory.resolve(NAME + ".1"));
        append(entry("4") + entry("5"));
        assertThat(read(OptionalInt.empty())).containsExactly("1", "2", "3", "4", "5");
        assertThat(read(OptionalInt.of(3))).containsExactly("3", "4", "5");
        assertThat(read(OptionalInt.of(2))).containsExactly("4", "5");
        assertThat(read(OptionalInt.of(99))).hasSize(5);
        assertThat(read(OptionalInt.of(0))).isEmpty();
    }

    @Test
    void readsUpToAPosition() throws IOException {
        append(entry("1"));
        long size = Files.size(directory.resolve(NAME));
        append(entry("2"));
        var lines = new ArrayList<String>();
        new LogReader(directory, NAME)
                .read(
                        OptionalInt.empty(),
                        Optional.of(new LogPosition(0, size)),
                        e -> lines.add(text(e)));
        assertThat(lines).containsExactly("1");
    }

    @Test
    void followsThroughARotationToTheEnd() throws Exception {
        append(entry("1"));
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        try (var watches = new LogWatches();
                var watch = watches.open(directory)) {
            Thread follower =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    new LogReader(directory, NAME)
                                            .follow(
                                                    OptionalInt.empty(),
                                                    watch,
                                                    e -> lines.add(text(e)));
                                } catch (IOException | InterruptedException e) {
                                    lines.add(e.toString());
                                }
                            });
            assertThat(next(lines)).isEqualTo("1");
            append(entry("2"));
            assertThat(next(lines)).isEqualTo("2");
            append(entry("3"));
            Files.move(
                    directory.resolve(NAME),
                    directory.resolve(NAME + ".1"),
                    StandardCopyOption.ATOMIC_MOVE);
            append(entry("4"));
            assertThat(next(lines)).isEqualTo("3");
            assertThat(next(lines)).isEqualTo("4");
            append(entry("5"));
            watch.end();
            follower.join();
            assertThat(next(lines)).isEqualTo("5");
            assertThat(lines).isEmpty();
        }
    }

    private static String next(BlockingQueue<String> lines) throws InterruptedException {
        return String.valueOf(lines.poll(15, TimeUnit.SECONDS));
    }
}
