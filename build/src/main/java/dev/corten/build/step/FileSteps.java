package dev.corten.build.step;

import dev.corten.build.file.FileCopy;
import dev.corten.build.work.Tree;
import dev.corten.kernel.Fd;
import dev.corten.store.snapshot.StepLayers;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Carries out steps that make files without a command.
final class FileSteps {
    private final StepResults results;

    FileSteps(StepResults results) {
        this.results = results;
    }

    Tree run(FileOperation operation, List<Tree> inputs) throws IOException {
        Optional<Tree> base = StepResults.base(operation.base(), inputs);
        try (StepLayers.Working working = results.begin(base)) {
            try (Fd root = working.mount()) {
                for (FileAction action : operation.actions()) {
                    act(action, operation.clamp(), inputs, root);
                }
            }
            return results.finish(working, base, operation.clamp(), operation.keepsEmpty());
        }
    }

    /// @param time of all that is made, if one is given
    private static void act(FileAction action, Optional<Instant> time, List<Tree> inputs, Fd root)
            throws IOException {
        switch (action) {
            case FileAction.Copy copy -> {
                Tree source = inputs.get(copy.input());
                try (Fd from = source.open()) {
                    FileCopy.copy(from, root, copy.request());
                }
            }
            case FileAction.Write write -> FileCopy.write(root, write.request(), write.documents());
            case FileAction.MakeDirectory directory ->
                    FileCopy.makeDirectory(root, directory.path(), directory.owner(), time);
        }
    }
}
