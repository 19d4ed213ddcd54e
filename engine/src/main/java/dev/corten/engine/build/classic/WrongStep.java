package dev.corten.engine.build.classic;

import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.Stage;
import dev.corten.build.front.StageOrder;
import dev.corten.model.RawText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// An instruction that cannot be done.
///
/// @param isFirst whether no stage begins before it
record WrongStep(Instruction instruction, boolean isFirst) {
    /// @param stages those that are needed
    static Optional<WrongStep> find(List<Stage> stages, DockerfileException wrong) {
        return first(
                stages,
                instruction ->
                        instruction.statement().firstLine() <= wrong.position().line()
                                && wrong.position().line() <= instruction.statement().lastLine());
    }

    /// The `COPY` from a stage that there is not.
    static Optional<WrongStep> outOfBounds(List<Stage> stages) {
        return first(
                stages,
                instruction ->
                        instruction instanceof Instruction.Copy copy
                                && number(copy.from()) >= stages.size());
    }

    private static int number(@Nullable String from) {
        return from != null && from.matches("\\d{1,9}") ? Integer.parseInt(from) : -1;
    }

    /// What begins with, or copies from, the first image that is not here.
    ///
    /// @param here tells of an image's name
    static Optional<WrongStep> absent(
            List<Stage> stages, StageOrder order, Predicate<String> here) {
        return first(
                stages,
                instruction ->
                        switch (instruction) {
                            case Instruction.From from ->
                                    !from.base().contains("$")
                                            && !from.base().equals("scratch")
                                            && !here.test(from.base())
                                            && stages.stream()
                                                    .filter(stage -> stage.from().equals(from))
                                                    .allMatch(stage -> order.base(stage).isEmpty());
                            case Instruction.Copy copy -> {
                                String from = copy.from();
                                yield from != null
                                        && !from.contains("$")
                                        && order.source(from).isEmpty()
                                        && !here.test(from);
                            }
                            default -> false;
                        });
    }

    private static Optional<WrongStep> first(List<Stage> stages, Predicate<Instruction> wrong) {
        boolean first = true;
        for (Stage stage : stages) {
            var instructions = new ArrayList<Instruction>();
            instructions.add(stage.from());
            instructions.addAll(stage.instructions());
            for (Instruction instruction : instructions) {
                if (wrong.test(instruction)) {
                    return Optional.of(new WrongStep(instruction, first));
                }
                first = false;
            }
        }
        return Optional.empty();
    }

    /// What it says of the image or the stage that it copies from.
    String complaint(String message) {
        return instruction instanceof Instruction.Copy copy
                ? "invalid from flag value " + copy.from() + ": " + message
                : message;
    }

    /// What of the file comes before it.
    byte[] before(byte[] dockerfile) {
        String text = RawText.decode(dockerfile);
        int at = 0;
        for (int line = 1; line < instruction.statement().firstLine(); line++) {
            at = text.indexOf('\n', at) + 1;
        }
        return RawText.encode(text.substring(0, at));
    }
}
