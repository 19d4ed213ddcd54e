package dev.corten.engine.build.classic;

import dev.corten.build.dockerfile.DockerfileException;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.Stage;
import dev.corten.model.RawText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An instruction that cannot be done.
///
/// @param isFirst whether no stage begins before it
record WrongStep(Instruction instruction, boolean isFirst) {
    /// @param stages those that are needed
    static Optional<WrongStep> find(List<Stage> stages, DockerfileException wrong) {
        boolean first = true;
        for (Stage stage : stages) {
            var instructions = new ArrayList<Instruction>();
            instructions.add(stage.from());
            instructions.addAll(stage.instructions());
            for (Instruction instruction : instructions) {
                int from = instruction.statement().firstLine();
                int to = instruction.statement().lastLine();
                if (from <= wrong.position().line() && wrong.position().line() <= to) {
                    return Optional.of(new WrongStep(instruction, first));
                }
                first = false;
            }
        }
        return Optional.empty();
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
