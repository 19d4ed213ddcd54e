package dev.corten.systests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Lines of a `.dockerignore`, and what of one context is ignored then. The list is a file, to which the
/// recorder adds what Docker says.
///
/// @param patterns as the list has them
/// @param gone the paths that are not copied, blanks replaced; one text, empty if nobody knows yet
record IgnoreCase(String patterns, String gone) {
    static final Path LIST = BuildCase.FOLDER.resolve("ignore.list");

    private static final String BLANK = "\u2423";

    /// What the context has in it, beside a Dockerfile and the lines themselves.
    private static final List<String> FILES =
            lines().stream()
                    .filter(line -> line.startsWith("# files: "))
                    .flatMap(line -> Stream.of(line.substring(9).split(" ")))
                    .map(name -> name.replace(BLANK, " "))
                    .toList();

    static List<IgnoreCase> all() {
        var cases = new ArrayList<IgnoreCase>();
        for (String line : lines()) {
            if (line.startsWith("    ")) {
                String patterns = cases.removeLast().patterns();
                cases.add(new IgnoreCase(patterns, line.strip()));
            } else if (!isComment(line, cases)) {
                cases.add(new IgnoreCase(line, ""));
            }
        }
        return cases;
    }

    private static List<String> lines() {
        try {
            return Files.readAllLines(LIST);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Those at the top are; further below a `#` is a pattern.
    private static boolean isComment(String line, List<IgnoreCase> before) {
        return before.isEmpty() && line.startsWith("# ");
    }

    static void write(List<IgnoreCase> cases) {
        var lines = new ArrayList<String>();
        lines().stream().takeWhile(line -> line.startsWith("# ")).forEach(lines::add);
        for (IgnoreCase one : cases) {
            lines.add(one.patterns());
            lines.add("    " + one.gone());
        }
        try {
            Files.writeString(LIST, String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What this builder leaves.
    IgnoreCase asked(CorpusBuild builder, Path folder, String tag) {
        try {
            for (String name : FILES) {
                Path file = folder.resolve(name);
                Files.createDirectories(file.getParent());
                Files.writeString(file, "x\n");
            }
            Files.writeString(folder.resolve("Dockerfile"), "FROM scratch\nCOPY . /all/\n");
            String ignore = patterns.replace(" | ", "\n").replace(BLANK, " ");
            Files.writeString(folder.resolve(".dockerignore"), ignore + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Finished built = builder.shell(folder, builder.builder() + " build -t " + tag + " .");
        if (built.status() != 0) {
            return new IgnoreCase(patterns, "refused: " + lastLine(built.err()));
        }
        List<String> left = BuiltImage.saved(builder.api(), tag).files();
        String gone =
                Stream.concat(FILES.stream(), Stream.of("Dockerfile", ".dockerignore"))
                        .filter(path -> !left.contains("all/" + path))
                        .map(path -> path.replace(" ", BLANK))
                        .collect(Collectors.joining(" "));
        return new IgnoreCase(patterns, gone.isEmpty() ? "nothing" : gone);
    }

    private static String lastLine(String text) {
        return text.lines().reduce((_, last) -> last).orElse("").replaceFirst("^ERROR: ", "");
    }
}
