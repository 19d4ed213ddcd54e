package dev.corten.build.step;

import dev.corten.build.file.FileCopy;
import dev.corten.build.file.SharedFiles;
import dev.corten.build.work.Tree;
import dev.corten.kernel.Fd;
import dev.corten.store.snapshot.StepLayers;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Carries out steps that make files without a command.
final class FileSteps {
    private final StepResults results;
    private final FileLists lists;

    FileSteps(StepResults results, FileLists lists) {
        this.lists = lists;
        this.results = results;
    }

    Tree run(FileOperation operation, List<Tree> inputs) throws IOException {
        Optional<Tree> base = StepResults.base(operation.base(), inputs);
        try (StepLayers.Working working = results.begin(base);
                var shared = new SharedFiles()) {
            try (Fd root = working.mount()) {
                for (FileAction action : operation.actions()) {
                    act(operation, action, inputs, root, shared);
                }
            }
            try (Fd changes = working.changes()) {
                shared.settle(changes);
            }
            return results.finish(
                    working, base, operation.clamp(), operation.keepsEmpty(), shared::digest);
        }
    }

    private void act(
            FileOperation operation,
            FileAction action,
            List<Tree> inputs,
            Fd root,
            SharedFiles shared)
            throws IOException {
        switch (action) {
            case FileAction.Copy copy -> {
                Tree source = inputs.get(copy.input());
                try (Fd from = source.open()) {
                    // Layers do not share files with each other; a given time would be that of
                    // the source's files too.
                    boolean linkable = source.chainId().isEmpty() && operation.clamp().isEmpty();
                    FileCopy.copy(
                            from,
                            root,
                            copy.request().withLinkable(linkable),
                            source::known,
                            shared);
                    lists.heard(operation, from, source, copy.request());
                }
            }
            case FileAction.Write write ->
                    FileCopy.write(root, write.request(), write.documents(), shared);
            case FileAction.MakeDirectory directory ->
                    FileCopy.makeDirectory(
                            root, directory.path(), directory.owner(), operation.clamp());
        }
    }
}
