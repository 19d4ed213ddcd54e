package dev.corten.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/// A walkthrough that names what is no longer there sends its reader astray. `WalkTest` among the
/// system tests looks whether a run really goes this way.
final class WalkthroughTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @Test
    void bothProcessesHaveStepsAndEachStepNamesMethods() throws IOException {
        Walkthrough walkthrough = Walkthrough.read(ROOT);
        assertThat(walkthrough.processes()).containsOnlyKeys("corten", "cortend");
        walkthrough
                .processes()
                .forEach((process, steps) -> {
                    assertThat(steps).as("steps of %s", process).hasSizeGreaterThan(5);
                    for (int i = 0; i < steps.size(); i++) {
                        assertThat(steps.get(i).number())
                                .as("number of step %d of %s", i + 1, process)
                                .isEqualTo(i + 1);
                        assertThat(steps.get(i).methods())
                                .as(
                                        "methods named in step %d of %s: name them as"
                                                + " `module/Class.method`",
                                        i + 1, process)
                                .isNotEmpty();
                    }
                });
        assertThat(walkthrough.functions()).isNotEmpty();
    }

    @Test
    void everyMethodExistsWithABody() throws IOException {
        Walkthrough walkthrough = Walkthrough.read(ROOT);
        var bodies = new HashMap<Path, Set<String>>();
        var wrong = new ArrayList<String>();
        for (String process : walkthrough.processes().keySet()) {
            for (Walkthrough.Method method : walkthrough.methods(process)) {
                try {
                    Path source = method.source(ROOT);
                    if (!bodies.containsKey(source)) {
                        bodies.put(source, methodsWithBody(source, method.type()));
                    }
                    if (!bodies.getOrDefault(source, Set.of()).contains(method.name())) {
                        wrong.add(
                                ("%s: %s has no method of this name with a body; correct the life"
                                                + " of a run in ARCHITECTURE.md, or give the method"
                                                + " back its name")
                                        .formatted(method, ROOT.relativize(source)));
                    }
                } catch (IllegalStateException e) {
                    wrong.add(String.valueOf(e.getMessage()));
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static Set<String> methodsWithBody(Path source, String type) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    files,
                                    null,
                                    null,
                                    null,
                                    files.getJavaFileObjects(source));
            var names = new HashSet<String>();
            for (var unit : task.parse()) {
                for (var declared : unit.getTypeDecls()) {
                    new TreeScanner<Void, Void>() {
                        @Override
                        public Void visitClass(ClassTree tree, Void none) {
                            // Methods of nested classes are not methods of this one.
                            return tree.getSimpleName().contentEquals(type)
                                    ? super.visitClass(tree, none)
                                    : null;
                        }

                        @Override
                        public Void visitMethod(MethodTree tree, Void none) {
                            if (tree.getBody() != null) {
                                names.add(tree.getName().toString());
                            }
                            return null;
                        }
                    }.scan(declared, null);
                }
            }
            return names;
        }
    }

    @Test
    void everyFunctionOfTheShimExists() throws IOException {
        var text = new StringBuilder();
        try (Stream<Path> files = Files.list(ROOT.resolve("native/shim/src"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".c")).toList()) {
                text.append(Files.readString(file));
            }
        }
        for (String function : Walkthrough.read(ROOT).functions()) {
            assertThat(
                            Pattern.compile("^[a-z].*\\b" + function + "\\(", Pattern.MULTILINE)
                                    .matcher(text)
                                    .find())
                    .as(
                            "shim/%s: native/shim/src defines no such function; correct the life of"
                                    + " a run in ARCHITECTURE.md, or give it back its name",
                            function)
                    .isTrue();
        }
    }

    @Test
    void tellsWhereARunLeavesTheText() {
        var walkthrough =
                Walkthrough.parse(
                        """
                        <!-- life-of-a-run: begin -->
                        ### The process `p`

                        1. `m/A.a` and then
                           `m/A.b`.
                        2. `m/B.c`, `shim/f`.
                        <!-- life-of-a-run: end -->
                        """);
        var a = new Walkthrough.Method("m", "A", "a");
        var b = new Walkthrough.Method("m", "A", "b");
        var c = new Walkthrough.Method("m", "B", "c");
        assertThat(walkthrough.functions()).containsExactly("f");
        assertThat(walkthrough.processes())
                .isEqualTo(
                        Map.of(
                                "p",
                                List.of(
                                        new Walkthrough.Step(1, List.of(a, b)),
                                        new Walkthrough.Step(2, List.of(c)))));
        assertThat(walkthrough.difference("p", List.of(a, b, c))).isEmpty();
        assertThat(walkthrough.difference("p", List.of(a, c, b))).isEmpty();
        assertThat(walkthrough.difference("p", List.of(b, a, c)))
                .startsWith("step 1 of p: m/A.b is not entered after m/A.a");
        assertThat(walkthrough.difference("p", List.of(c, a, b)))
                .startsWith("step 2 of p: m/B.c is not entered after m/A.a");
        assertThat(walkthrough.difference("p", List.of(a, b)))
                .startsWith("step 2 of p: m/B.c is never entered");
    }
}
