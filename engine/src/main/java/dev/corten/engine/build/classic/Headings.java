package dev.corten.engine.build.classic;

import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.dockerfile.Instruction;
import dev.corten.build.dockerfile.Stage;
import java.util.List;

/// `Step 2/7 : RUN make`. Thread-safe, as what has to be pulled is told of below its `FROM`, before
/// anybody knows what there is to do.
final class Headings {
    private final Narrator narrator;
    private final Dockerfile file;
    private final int total;
    private final List<Stage> stages;
    private int next = 1;
    private int ahead;

    /// @param stages those that are needed
    /// @param labels the number of steps that are in no file
    Headings(Narrator narrator, Dockerfile file, List<Stage> stages, int labels) {
        this.narrator = narrator;
        this.file = file;
        this.stages = List.copyOf(stages);
        this.total =
                file.globals().size()
                        + stages.stream().mapToInt(s -> 1 + s.instructions().size()).sum()
                        + labels;
    }

    /// Of the arguments before the first stage.
    synchronized void globals() {
        file.globals().forEach(this::next);
    }

    /// Down to the first `FROM`, if that was not reached yet.
    synchronized void firstImage() {
        if (next == 1) {
            globals();
            next(stages.getFirst().from());
            ahead = next - 1;
            next = 1;
        }
    }

    synchronized void next(Instruction instruction) {
        next(instruction.statement().text());
    }

    synchronized void next(String text) {
        if (next > ahead) {
            narrator.text("Step " + next + "/" + total + " : " + text);
            narrator.text("\n");
        }
        next++;
    }
}
