package dev.corten.systests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A Dockerfile with its context, and how it is built and run: one text file.
///
///     # What this is.
///     # shows: DF-04
///     # options: --target web --build-arg A=1      of `build`
///     # context: sub                               if it is not `.`
///     # before: docker build -t mine other         a command before, in the same folder
///     # run: IMAGE cat /file                       arguments of `docker run --rm`, IMAGE is ours
///     # builders: buildkit classic                 whose answers are written down; `ours` is for
///                                                  what Docker's cannot do here, `parse` for what
///                                                  nobody can; buildkit alone if not said
///     -- Dockerfile --
///     FROM busybox
///     -- bin/tool 0755 --                          a file with its mode
///     -- empty/ --                                 a directory
///     -- link -> target --
///
/// All files have one time. What Docker's builders make of it is in files beside it.
///
/// @param name of the file, without its end
record BuildCase(Path file, String name, List<String> about, List<Part> parts) {
    static final Path FOLDER = Path.of("src/test/corpus");
    static final Instant TIME = Instant.parse("2024-01-01T00:00:00Z");

    private static final Pattern START =
            Pattern.compile("-- (.+?)(?: (0[0-7]+))?(?: -> (\\S+))? --");

    /// @param mode empty if it is the usual one
    /// @param target of a symbolic link, empty if it is none
    record Part(String path, String mode, String target, String content) {}

    static List<BuildCase> all() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".case"))
                    .sorted(Comparator.comparing(Path::getFileName))
                    .map(BuildCase::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static BuildCase read(Path file) {
        var about = new ArrayList<String>();
        var parts = new ArrayList<Part>();
        var content = new StringBuilder();
        Matcher open = null;
        try {
            for (String line : Files.readString(file).split("\n", -1)) {
                Matcher start = START.matcher(line);
                if (start.matches()) {
                    close(open, content, parts);
                    open = start;
                } else if (open == null) {
                    about.add(line);
                } else {
                    content.append(line).append('\n');
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Behind the last line's end there is nothing.
        content.setLength(Math.max(0, content.length() - 1));
        close(open, content, parts);
        String name = file.getFileName().toString().replaceFirst("\\.case$", "");
        return new BuildCase(file, name, List.copyOf(about), List.copyOf(parts));
    }

    private static void close(Matcher start, StringBuilder content, List<Part> parts) {
        if (start != null) {
            String mode = start.group(2) == null ? "" : start.group(2);
            String target = start.group(3) == null ? "" : start.group(3);
            parts.add(new Part(start.group(1), mode, target, content.toString()));
        }
        content.setLength(0);
    }

    private List<String> all(String key) {
        String start = "# " + key + ": ";
        return about.stream()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()).strip())
                .toList();
    }

    private String one(String key) {
        return String.join(" ", all(key));
    }

    List<String> shows() {
        return Arrays.stream(one("shows").split(" ")).filter(row -> !row.isEmpty()).toList();
    }

    String options() {
        return one("options");
    }

    String context() {
        return one("context").isEmpty() ? "." : one("context");
    }

    List<String> before() {
        return all("before");
    }

    /// Empty if it is not to be run.
    String run() {
        return one("run");
    }

    List<String> builders() {
        return one("builders").isEmpty()
                ? List.of("buildkit")
                : List.of(one("builders").split(" "));
    }

    List<String> recordedBy() {
        return builders().stream().filter(List.of("buildkit", "classic")::contains).toList();
    }

    /// What a builder of Docker made of it.
    Path recorded(String builder) {
        return FOLDER.resolve("recorded").resolve(name + "." + builder);
    }

    void write(Path folder) {
        try {
            Files.createDirectories(folder);
            for (Part part : parts) {
                write(part, folder.resolve(part.path()));
            }
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    var view =
                            Files.getFileAttributeView(
                                    path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
                    view.setTimes(FileTime.from(TIME), FileTime.from(TIME), null);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Part part, Path path) throws IOException {
        Files.createDirectories(path.getParent());
        if (!part.target().isEmpty()) {
            Files.createSymbolicLink(path, Path.of(part.target()));
            return;
        }
        boolean directory = part.path().endsWith("/");
        if (directory) {
            Files.createDirectories(path);
        } else {
            Files.writeString(path, part.content());
        }
        String mode = part.mode().isEmpty() ? directory ? "0755" : "0644" : part.mode();
        Running.run("chmod", mode, path.toString()).ok();
    }
}
