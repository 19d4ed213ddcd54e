package dev.corten.systests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A session at the prompt, with what Docker 28.5 answered. The files are text, to be read and
/// written by people; only the answers come from the recorder:
///
///     # What this session is about.
///     # shows: CTR-02 CLI-35
///     # registry: open                   Debian's registry at localhost:5000; `password`: for user
///                                        `someone` with the password `secret` only
///     $ docker run busybox nope          a command for bash
///     > | cat                            more lines of it
///     | a line of stdout
///     |~a last line without its end
///     ! a line of stderr
///     !~a last line without its end
///     ? 127                              the exit status, unless it is 0
///     # differs: ports-have-no-proxy     if we answer otherwise, on purpose: a paragraph of
///     | what we answer                   docs/differences.md
///
/// @param about the lines of comment at the top
record Transcript(Path file, List<String> about, List<Step> steps) {
    private static final String SHOWS = "# shows: ";
    private static final String CLIENT = "# client: ";
    private static final String NEEDS = "# needs: ";
    private static final String REGISTRY = "# registry: ";
    private static final String AWAITS = "# awaits: ";
    private static final String DIFFERS = "# differs: ";

    /// @param comments lines above the command
    record Step(
            List<String> comments, String command, Answer docker, @Nullable Difference difference) {
        /// What we are to answer.
        Answer expected() {
            return difference == null ? docker : difference.ours();
        }

        Step withDocker(Answer recorded) {
            return new Step(comments, command, recorded, difference);
        }

        Step withOurs(Answer ours) {
            return difference == null
                    ? this
                    : new Step(
                            comments, command, docker, new Difference(difference.anchor(), ours));
        }
    }

    /// @param anchor the paragraph of `docs/differences.md` that says why
    record Difference(String anchor, Answer ours) {}

    /// @param lines as they stand in the file
    record Answer(List<String> lines) {
        static Answer of(String out, String err, int status) {
            var lines = new ArrayList<String>();
            write('|', out, lines);
            write('!', err, lines);
            if (status != 0) {
                lines.add("? " + status);
            }
            return new Answer(lines);
        }

        private static void write(char mark, String text, List<String> lines) {
            int at = 0;
            while (at < text.length()) {
                int end = text.indexOf('\n', at);
                boolean ended = end >= 0;
                String line = visible(text.substring(at, ended ? end : text.length()));
                String blank = line.isEmpty() ? "" : " ";
                lines.add(mark + (ended ? blank : "~") + line);
                at = ended ? end + 1 : text.length();
            }
        }

        /// Control characters as the pictures that Unicode has of them.
        private static String visible(String line) {
            return line.chars()
                    .map(c -> c < ' ' && c != '\t' ? 0x2400 + c : c)
                    .collect(
                            StringBuilder::new,
                            StringBuilder::appendCodePoint,
                            StringBuilder::append)
                    .toString();
        }

        private static boolean isPart(String line) {
            return line.startsWith("|") || line.startsWith("!") || line.startsWith("? ");
        }
    }

    static List<Transcript> all(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .map(Transcript::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Transcript read(Path file) {
        try {
            return new Reader(file, Files.readAllLines(file)).transcript();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return file.getFileName().toString().replaceFirst("\\.txt$", "");
    }

    /// Rows of the feature table.
    List<String> shows() {
        return Arrays.stream(header(SHOWS).split(" ")).filter(row -> !row.isEmpty()).toList();
    }

    /// The version of the docker command line, empty for the one on the path.
    String client() {
        return header(CLIENT);
    }

    /// What a machine must have, empty if any will do: `cgroup v1`.
    String needs() {
        return header(NEEDS);
    }

    /// Which registry is at localhost:5000, empty if none.
    String registry() {
        return header(REGISTRY);
    }

    /// What the engine has to learn before it can answer all of this, empty if nothing.
    String awaits() {
        return header(AWAITS);
    }

    private String header(String start) {
        return about.stream()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .map(line -> line.substring(start.length()))
                .orElse("");
    }

    Transcript withSteps(List<Step> changed) {
        return new Transcript(file, about, changed);
    }

    void write() {
        var lines = new ArrayList<>(about);
        for (Step step : steps) {
            lines.addAll(step.comments());
            lines.add("$ " + step.command().replace("\n", "\n> "));
            lines.addAll(step.docker().lines());
            if (step.difference() instanceof Difference difference) {
                lines.add(DIFFERS + difference.anchor());
                lines.addAll(difference.ours().lines());
            }
        }
        try {
            Files.writeString(file, String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Reader {
        private final Path file;
        private final List<String> lines;
        private int at;

        Reader(Path file, List<String> lines) {
            this.file = file;
            this.lines = lines;
        }

        Transcript transcript() {
            List<String> about = comments();
            var steps = new ArrayList<Step>();
            List<String> comments = List.of();
            while (at < lines.size()) {
                steps.add(step(comments));
                comments = comments();
            }
            return new Transcript(file, about, List.copyOf(steps));
        }

        private List<String> comments() {
            int start = at;
            while (at < lines.size()
                    && (lines.get(at).startsWith("#") || lines.get(at).isEmpty())) {
                at++;
            }
            return List.copyOf(lines.subList(start, at));
        }

        private Step step(List<String> comments) {
            String line = lines.get(at);
            if (!line.startsWith("$ ")) {
                throw new AssertionError(file + ":" + (at + 1) + ": no command: " + line);
            }
            var command = new StringBuilder(line.substring(2));
            for (at++; at < lines.size() && lines.get(at).startsWith("> "); at++) {
                command.append('\n').append(lines.get(at).substring(2));
            }
            Answer docker = answer();
            Difference difference = null;
            if (at < lines.size() && lines.get(at).startsWith(DIFFERS)) {
                String anchor = lines.get(at++).substring(DIFFERS.length());
                difference = new Difference(anchor, answer());
            }
            return new Step(comments, command.toString(), docker, difference);
        }

        private Answer answer() {
            int start = at;
            while (at < lines.size() && Answer.isPart(lines.get(at))) {
                at++;
            }
            return new Answer(List.copyOf(lines.subList(start, at)));
        }
    }
}
