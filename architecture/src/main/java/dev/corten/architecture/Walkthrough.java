package dev.corten.architecture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The chapter of `ARCHITECTURE.md` that follows one `corten run`, as data.
///
/// The text between two marks has a heading ``The process `NAME` `` for each process; below it are
/// numbered steps, which name methods as `module/Class.method`. Functions of the C parts are named as
/// `shim/function`, anywhere.
///
/// @param processes the steps by process, in the order of the text
/// @param functions in the order of the text
public record Walkthrough(Map<String, List<Step>> processes, List<String> functions) {
    private static final String BEGIN = "<!-- life-of-a-run: begin -->";
    private static final String END = "<!-- life-of-a-run: end -->";
    private static final Pattern PROCESS = Pattern.compile("### The process `(\\w+)`");
    private static final Pattern STEP = Pattern.compile("(\\d+)\\. .*");
    private static final Pattern METHOD = Pattern.compile("`(\\w+)/([A-Z]\\w*)\\.([a-z]\\w*)`");
    private static final Pattern FUNCTION = Pattern.compile("`shim/(\\w+)`");

    /// @param methods in the order of the text
    public record Step(int number, List<Method> methods) {}

    public record Method(String module, String type, String name) {
        /// The file of its class.
        ///
        /// @param root the repository
        /// @throws IllegalStateException with a sentence that says what to do, unless the module has
        ///     exactly one such class
        public Path source(Path root) throws IOException {
            Path sources = root.resolve(module).resolve("src/main/java");
            if (!Files.isDirectory(sources)) {
                throw new IllegalStateException(
                        "%s: there is no module %s; correct the life of a run in ARCHITECTURE.md"
                                .formatted(this, module));
            }
            try (Stream<Path> files = Files.walk(sources)) {
                List<Path> found = files.filter(f -> f.endsWith(type + ".java")).sorted().toList();
                if (found.size() != 1) {
                    throw new IllegalStateException(
                            ("%s: %s has %d classes of this name; correct the life of a run in"
                                            + " ARCHITECTURE.md, or give the class back its name")
                                    .formatted(this, module, found.size()));
                }
                return found.getFirst();
            }
        }

        /// The full name of its class.
        public String className(Path root) throws IOException {
            Path file = root.resolve(module).resolve("src/main/java").relativize(source(root));
            return file.toString().replaceFirst("\\.java$", "").replace('/', '.');
        }

        @Override
        public String toString() {
            return module + "/" + type + "." + name;
        }
    }

    public static Walkthrough read(Path root) throws IOException {
        return parse(Files.readString(root.resolve("ARCHITECTURE.md")));
    }

    static Walkthrough parse(String document) {
        int begin = document.indexOf(BEGIN);
        int end = document.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException(
                    "ARCHITECTURE.md has lost one of the marks " + BEGIN + " and " + END);
        }
        String chapter = document.substring(begin + BEGIN.length(), end);
        var processes = new LinkedHashMap<String, List<Step>>();
        var functions = new ArrayList<String>();
        List<Step> steps = new ArrayList<>();
        for (String line : chapter.split("\n", -1)) {
            Matcher process = PROCESS.matcher(line);
            Matcher step = STEP.matcher(line);
            if (process.matches()) {
                steps = new ArrayList<>();
                processes.put(process.group(1), steps);
            } else if (step.matches()) {
                steps.add(new Step(Integer.parseInt(step.group(1)), new ArrayList<>()));
            }
            Matcher method = METHOD.matcher(line);
            while (method.find() && !steps.isEmpty()) {
                steps.getLast()
                        .methods()
                        .add(new Method(method.group(1), method.group(2), method.group(3)));
            }
            Matcher function = FUNCTION.matcher(line);
            while (function.find() && !processes.isEmpty()) {
                functions.add(function.group(1));
            }
        }
        return new Walkthrough(processes, functions);
    }

    /// All methods of a process, in the order of the text.
    public List<Method> methods(String process) {
        return processes.getOrDefault(process, List.of()).stream()
                .flatMap(step -> step.methods().stream())
                .toList();
    }

    /// Looks for the first place at which a run leaves the text. Steps begin in the order of their
    /// numbers; the methods of one step are entered in the order of the text. A method may be
    /// entered at other times too.
    ///
    /// @param entries the methods that were entered, in the order of time
    /// @return empty if the run follows the text, else a sentence
    public String difference(String process, List<Method> entries) {
        int began = -1;
        for (Step step : processes.getOrDefault(process, List.of())) {
            int at = began;
            boolean first = true;
            for (Method method : step.methods()) {
                int next = after(entries, at, method);
                if (next < 0) {
                    return ("step %d of %s: %s is %s; correct the text in ARCHITECTURE.md, or find"
                                    + " out why the run goes another way")
                            .formatted(
                                    step.number(),
                                    process,
                                    method,
                                    entries.contains(method)
                                            ? "not entered after "
                                                    + (at < 0 ? "the begin" : entries.get(at))
                                            : "never entered");
                }
                at = next;
                if (first) {
                    began = at;
                    first = false;
                }
            }
        }
        return "";
    }

    private static int after(List<Method> entries, int at, Method method) {
        for (int i = at + 1; i < entries.size(); i++) {
            if (entries.get(i).equals(method)) {
                return i;
            }
        }
        return -1;
    }
}
