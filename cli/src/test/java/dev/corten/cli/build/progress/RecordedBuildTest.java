package dev.corten.cli.build.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corten.cli.console.Console;
import dev.corten.cli.console.Output;
import dev.corten.cli.text.Instants;
import dev.corten.client.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What BuildKit 0.25 told in real builds (`--progress rawjson` of buildx 0.29.1), and what buildx
/// printed of the same builds (`--progress plain`): but for times we print the same.
class RecordedBuildTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicLong clock = new AtomicLong();

    @ParameterizedTest
    @ValueSource(strings = {"Usual", "Cached", "Failing"})
    void plainOutputIsThatOfBuildx(String name) throws IOException {
        var display =
                new PlainDisplay(
                        new Output(bytes),
                        "building with \"default\" instance using docker driver",
                        clock::get);
        replay(name, display);
        display.finish();
        assertThat(comparable(printed())).isEqualTo(comparable(resource(name + ".plain")));
    }

    @Test
    void lastLinesOfTheFailedStepAreShownOnceMore() throws IOException {
        var display = new PlainDisplay(new Output(bytes), "", clock::get);
        replay("Failing", display);
        display.finish();
        String after = printed().substring(printed().indexOf("------\n"));
        assertThat(after.replaceAll("(?m)^0\\.[0-9]+ ", ""))
                .isEqualTo(
                        """
                        ------
                         > [3/4] RUN echo one &&     for i in `seq 15`; do echo line $i; done &&\
                             printf 'last' &&     exit 3:
                        line 7
                        line 8
                        line 9
                        line 10
                        line 11
                        line 12
                        line 13
                        line 14
                        line 15
                        last
                        ------
                        """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Usual", "Failing"})
    void tableIsThatOfBuildx(String name) throws IOException {
        var display = terminal("docker:default", 90, 30);
        replay(name, display);
        display.finish();
        assertThat(table(lastTable())).isEqualTo(table(resource(name + ".tty")));
    }

    private static String table(String text) {
        int end = text.indexOf("------\n");
        String table = end < 0 ? text : text.substring(0, end);
        return table.replaceAll("(?s)\n *\n.*", "\n")
                .replaceAll(" [0-9]+\\.[0-9]s", " T.Ts")
                .replaceAll("sha256:[0-9a-f]+", "sha256:X")
                .replaceAll("\\[.*\\] FROM (\\S+) *", "[builds share it] FROM $1 ");
    }

    @Test
    void runningStepShowsItsLastLines() throws IOException {
        var display = terminal("corten:default", 60, 30);
        replayUntil("Parallel", display, "two 6");
        display.refresh();
        assertThat(lastTable())
                .contains("\n => [b 2/2] RUN for i in `seq 8`; do echo two $i; sle  2.3s\n")
                .contains("\n => => # two 4\n => => # two 5\n => => # two 6\n");
    }

    @Test
    void narrowWindowHasNoLineThatWraps() throws IOException {
        var display = terminal("corten:default", 40, 12);
        replay("Parallel", display);
        display.finish();
        for (String line : printed().replaceAll("\033\\[[0-9;?]*[A-Za-z]|\r", "").split("\n")) {
            if (line.startsWith(" =>")) {
                assertThat(line.length()).isLessThanOrEqualTo(40);
            }
        }
    }

    private TerminalDisplay terminal(String title, int columns, int rows) {
        return new TerminalDisplay(
                new Output(bytes), title, false, () -> new Console.Size(rows, columns), clock::get);
    }

    private void replay(String name, Display display) throws IOException {
        replayUntil(name, display, "\0");
    }

    /// Tells a display what was recorded, at the time when it happened.
    private void replayUntil(String name, Display display, String text) throws IOException {
        clock.set(first(name));
        String wanted =
                java.util.Base64.getEncoder()
                        .encodeToString((text + "\n").getBytes(StandardCharsets.UTF_8));
        for (String line : resource(name + ".rawjson").split("\n")) {
            if (!line.startsWith("{")) {
                continue;
            }
            Json status = Json.parse(line.getBytes(StandardCharsets.UTF_8));
            for (String list : new String[] {"vertexes", "statuses", "logs"}) {
                for (Json item : status.get(list).items()) {
                    for (String member : new String[] {"started", "completed", "timestamp"}) {
                        long time = Steps.time(item, member);
                        clock.accumulateAndGet(time, Math::max);
                    }
                }
            }
            display.update(status);
            if (line.contains(wanted)) {
                return;
            }
        }
    }

    private static long first(String name) throws IOException {
        String text = resource(name + ".rawjson");
        int at = text.indexOf("\"started\":\"") + "\"started\":\"".length();
        return Instants.parse(text.substring(at, text.indexOf('"', at)));
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /// What the last drawing left on the screen.
    private String lastTable() {
        String all = printed();
        return all.substring(all.lastIndexOf("[+] Building"))
                .replaceAll("\033\\[[0-9;?]*[A-Za-z]|\r", "");
    }

    /// Without times, and without what is printed after the display.
    private static String comparable(String text) {
        int end = text.indexOf("------\n");
        String progress = end < 0 ? text : text.substring(0, end);
        int summary = progress.indexOf("\n \033[33m");
        progress = summary < 0 ? progress : progress.substring(0, summary);
        return progress.replaceAll("(?m)^(#[0-9]+) [0-9]+\\.[0-9]+ ", "$1 T ")
                .replaceAll("[0-9]+\\.[0-9]s", "Ts")
                .replaceAll("exporting layers( Ts)? done", "exporting layers done")
                .replaceAll("sha256:[0-9a-f]+", "sha256:X")
                .replaceAll("\\[.*\\] FROM (\\S+) *", "[builds share it] FROM $1 ");
    }

    private static String resource(String name) throws IOException {
        try (var in = RecordedBuildTest.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("no recording " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
