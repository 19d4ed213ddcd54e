package dev.corten.build.dockerfile;

import dev.corten.model.RawText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A Dockerfile that was understood.
///
/// @param directives those at the top, in order
/// @param escape the character that continues lines and takes the meaning of others away
/// @param globals the `ARG` instructions before the first `FROM`
/// @param stages at least one
public record Dockerfile(
        List<Directive> directives,
        char escape,
        List<Instruction.Arg> globals,
        List<Stage> stages) {
    /// The largest Dockerfile, in bytes.
    public static final int MAX_BYTES = 16 << 20;

    public Dockerfile {
        directives = List.copyOf(directives);
        globals = List.copyOf(globals);
        stages = List.copyOf(stages);
    }

    public static Dockerfile parse(byte[] bytes) throws DockerfileException {
        if (bytes.length > MAX_BYTES) {
            throw DockerfileException.unreadable(
                    new Position(1, 1), 0, "dockerfile is larger than " + MAX_BYTES + " bytes");
        }
        var reader = new StatementReader(RawText.decode(bytes));
        List<Statement> statements = reader.read();
        var instructions = new InstructionReader(reader.escape());
        var globals = new ArrayList<Instruction.Arg>();
        var stages = new StageList();
        for (Statement statement : statements) {
            Instruction instruction = instructions.read(statement);
            if (stages.isEmpty() && instruction instanceof Instruction.Arg global) {
                globals.add(global);
            } else {
                stages.add(instruction);
            }
        }
        if (stages.isEmpty()) {
            throw noStage(statements.getLast());
        }
        return new Dockerfile(reader.directives(), reader.escape(), globals, stages.done());
    }

    private static DockerfileException noStage(Statement statement) {
        return DockerfileException.order(
                statement.position(), statement.lastLine(), "no build stage in current context");
    }

    /// Stages under construction.
    private static final class StageList {
        private final List<Stage> stages = new ArrayList<>();
        private final List<Instruction> body = new ArrayList<>();
        private Instruction.@Nullable From from;

        boolean isEmpty() {
            return from == null;
        }

        void add(Instruction instruction) throws DockerfileException {
            if (instruction instanceof Instruction.From next) {
                finish();
                from = next;
            } else if (from == null) {
                throw noStage(instruction.statement());
            } else {
                body.add(instruction);
            }
        }

        private void finish() {
            if (from != null) {
                stages.add(new Stage(stages.size(), from, body));
                body.clear();
            }
        }

        List<Stage> done() {
            finish();
            return stages;
        }
    }

    /// The instruction of a trigger that an image keeps.
    public static Instruction trigger(String written) throws DockerfileException {
        var reader = new StatementReader(written);
        List<Statement> statements = reader.read();
        if (statements.size() != 1) {
            throw statements.getFirst().wrong("ONBUILD trigger should be a single expression");
        }
        return new InstructionReader(reader.escape()).read(statements.getFirst());
    }

    /// The value of a directive, or `""`.
    public String directive(String name) {
        return directives.stream()
                .filter(d -> d.name().equals(name))
                .map(Directive::value)
                .findFirst()
                .orElse("");
    }
}
