package dev.corten.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Reads descriptors and sources of every module, since a `requires` that somebody adds in passing
/// compiles without a word.
final class ArrowsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final Pattern REQUIRES =
            Pattern.compile("^\\s*requires (?:static |transitive )*dev\\.corten\\.(\\w+);");
    private static final Pattern OURS =
            Pattern.compile("^import (?:static |module )?dev\\.corten\\.(\\w+)");
    private static final Pattern IMPORT = Pattern.compile("^import (?:static |module )?([\\w.]+)");
    private static final Pattern IMPORTED_PACKAGE =
            Pattern.compile("^import (?:static )?(dev\\.corten(?:\\.[a-z]\\w*)+)\\.[A-Z]");
    private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);");

    /// The modules of the parent that have production code of ours.
    static List<String> modules() throws IOException {
        try (Stream<Path> folders = Files.list(ROOT)) {
            return folders.filter(f -> Files.exists(f.resolve("src/main/java/module-info.java")))
                    .map(f -> f.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void everyModuleIsInTheTable() throws IOException {
        assertThat(modules()).contains("model", "kernel", "daemon");
        for (String module : modules()) {
            assertThat(Arrows.known(module))
                    .as(
                            "module %s is new: decide what it may import, and write that into"
                                    + " Arrows and into the table in ARCHITECTURE.md",
                            module)
                    .isTrue();
        }
    }

    /// A row is `` | `module` | words | module, module | ``.
    @ParameterizedTest
    @MethodSource("modules")
    void theDocumentHasTheSameTable(String module) throws IOException {
        var allowed = new TreeSet<>(Arrows.from(module));
        allowed.removeAll(List.of("model", module));
        allowed.retainAll(modules());
        String all = module.equals("daemon") ? "all of them" : "";
        String wanted = all.isEmpty() ? allowed.isEmpty() ? "–" : String.join(", ", allowed) : all;
        String row =
                Files.readAllLines(ROOT.resolve("ARCHITECTURE.md")).stream()
                        .filter(line -> line.startsWith("| `" + module + "` |"))
                        .findFirst()
                        .orElse("| | | no row |");
        String[] cells = row.split("\\|", -1);
        String shown =
                Stream.of(cells[cells.length - 2].strip().split(", "))
                        .sorted()
                        .collect(Collectors.joining(", "));
        assertThat(shown)
                .as("what %s may import, in the table of modules in ARCHITECTURE.md", module)
                .isEqualTo(wanted);
    }

    @ParameterizedTest
    @MethodSource("modules")
    void descriptorsRequireOnlyWhatTheTableAllows(String module) throws IOException {
        var wrong = new ArrayList<String>();
        for (String line :
                Files.readAllLines(
                        ROOT.resolve(module).resolve("src/main/java/module-info.java"))) {
            Matcher matcher = REQUIRES.matcher(line);
            if (matcher.find() && !Arrows.allowed(module, matcher.group(1))) {
                wrong.add(refusal(module, matcher.group(1), module + "/module-info.java"));
            }
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void sourcesImportOnlyWhatTheTableAllows(String module) {
        var wrong = new ArrayList<String>();
        eachLine(
                module,
                (file, line) -> {
                    Matcher matcher = OURS.matcher(line);
                    if (matcher.find() && !Arrows.allowed(module, matcher.group(1))) {
                        wrong.add(refusal(module, matcher.group(1), file));
                    }
                });
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void librariesStayInTheirModules(String module) {
        var wrong = new ArrayList<String>();
        eachLine(
                module,
                (file, line) -> {
                    Matcher matcher = IMPORT.matcher(line);
                    if (!matcher.find()) {
                        return;
                    }
                    Arrows.LIBRARIES.forEach((library, users) -> {
                        if (matcher.group(1).startsWith(library + ".") && !users.contains(module)) {
                            wrong.add(
                                    ("%s imports %s, which only %s may use: let one"
                                                    + " of them offer a type of ours")
                                            .formatted(file, matcher.group(1), users));
                        }
                    });
                });
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void packagesAreNamedForTheirModule(String module) {
        String root = "dev.corten." + module;
        var wrong = new ArrayList<String>();
        eachLine(
                module,
                (file, line) -> {
                    Matcher matcher = PACKAGE.matcher(line);
                    if (matcher.find()
                            && !matcher.group(1).equals(root)
                            && !matcher.group(1).startsWith(root + ".")) {
                        wrong.add(
                                ("%s is in package %s: move it below %s, or the arrows"
                                                + " cannot be read off imports")
                                        .formatted(file, matcher.group(1), root));
                    }
                });
        assertThat(wrong).isEmpty();
    }

    /// In a module too, whoever reads a package needs to know only those below it.
    @ParameterizedTest
    @MethodSource("modules")
    void packagesImportInOneDirection(String module) {
        var imports = new TreeMap<String, Set<String>>();
        var at = new String[1];
        eachLine(
                module,
                (_, line) -> {
                    Matcher own = PACKAGE.matcher(line);
                    if (own.find()) {
                        at[0] = own.group(1);
                        imports.putIfAbsent(at[0], new TreeSet<>());
                    }
                    Matcher other = IMPORTED_PACKAGE.matcher(line);
                    if (other.find() && !other.group(1).equals(at[0])) {
                        imports.get(at[0]).add(other.group(1));
                    }
                });
        var circles = new TreeSet<String>();
        for (String name : imports.keySet()) {
            Set<String> circle = new TreeSet<>(reached(name, imports));
            circle.removeIf(other -> !reached(other, imports).contains(name));
            if (!circle.isEmpty() && !Arrows.CIRCLES.contains(circle)) {
                circles.add("these packages import each other in a circle: " + circle);
            }
        }
        assertThat(circles).isEmpty();
    }

    private static Set<String> reached(String from, Map<String, Set<String>> imports) {
        var reached = new TreeSet<String>();
        var left = new ArrayDeque<>(imports.getOrDefault(from, Set.of()));
        while (!left.isEmpty()) {
            String next = left.pop();
            if (reached.add(next)) {
                left.addAll(imports.getOrDefault(next, Set.of()));
            }
        }
        return reached;
    }

    private static String refusal(String from, String to, Object where) {
        return ("%s: %s may not import %s, only %s. Declare what you need as an interface in %s and"
                        + " join the two in daemon's Assembly; if the arrow is right, change Arrows"
                        + " and ARCHITECTURE.md")
                .formatted(where, from, to, Arrows.from(from), from);
    }

    private interface Visitor {
        void visit(Path file, String line);
    }

    private static void eachLine(String module, Visitor visitor) {
        try (Stream<Path> sources = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
            for (Path file : sources.filter(f -> f.toString().endsWith(".java")).toList()) {
                Path name = ROOT.relativize(file);
                Files.readAllLines(file).forEach(line -> visitor.visit(name, line));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
