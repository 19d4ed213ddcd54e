package dev.corten.build.dockerfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The Dockerfiles that the system tests build: all can be read, and they use whatever there is to
/// use.
final class CorpusCoverageTest {
    private static final Path CORPUS = Path.of("../system-tests/src/test/corpus");

    /// Every flag that any instruction of any version has had.
    private static final List<String> FLAGS =
            List.of(
                    "checksum",
                    "chmod",
                    "chown",
                    "device",
                    "exclude",
                    "from",
                    "interval",
                    "keep-git-dir",
                    "link",
                    "mount",
                    "network",
                    "parents",
                    "platform",
                    "retries",
                    "security",
                    "start-interval",
                    "start-period",
                    "timeout",
                    "unpack");

    @Test
    void everyInstructionWithEveryFlag() throws Exception {
        Set<String> used = new TreeSet<>();
        for (String text : dockerfiles()) {
            Dockerfile file = Dockerfile.parse(text.getBytes(UTF_8));
            for (Instruction argument : file.globals()) {
                used.add(argument.statement().name());
            }
            for (Stage stage : file.stages()) {
                use(stage.from().statement(), used);
                for (Instruction instruction : stage.instructions()) {
                    use(instruction.statement(), used);
                }
            }
        }
        assertThat(used).containsAll(known());
    }

    private static void use(Statement statement, Set<String> used) {
        used.add(statement.name());
        statement.flags().forEach(flag -> used.add(statement.name() + " --" + flag.name()));
    }

    /// What the reader takes: it is asked.
    private static Set<String> known() {
        Set<String> known = new TreeSet<>(InstructionReader.NAMES);
        for (String name : InstructionReader.NAMES) {
            for (String flag : FLAGS) {
                String line = name + " --" + flag + "=1 a";
                String text = name.equals("FROM") ? line : "FROM scratch\n" + line + " b";
                try {
                    Dockerfile.parse((text + "\n").getBytes(UTF_8));
                    known.add(name + " --" + flag);
                } catch (DockerfileException e) {
                    if (!e.getMessage().toLowerCase(Locale.ROOT).contains("unknown flag")) {
                        known.add(name + " --" + flag);
                    }
                }
            }
        }
        // These take no flags: what follows is their argument.
        known.removeIf(pair -> pair.matches("(ARG|MAINTAINER|ONBUILD) --.*"));
        return known;
    }

    /// The parts of the cases that are Dockerfiles.
    private static List<String> dockerfiles() throws IOException {
        var found = new ArrayList<String>();
        try (Stream<Path> files = Files.list(CORPUS)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".case")).toList()) {
                String text = Files.readString(file);
                String[] parts = text.split("(?m)^-- ");
                for (String part : parts) {
                    int end = part.indexOf(" --\n");
                    if (end > 0 && part.substring(0, end).matches("(.*[/.])?Dockerfile")) {
                        found.add(part.substring(end + 4));
                    }
                }
            }
        }
        assertThat(found).hasSizeGreaterThanOrEqualTo(60);
        return found;
    }
}
