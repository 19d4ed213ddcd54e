package dev.corten.build.step;

import dev.corten.build.file.CopyRequest;
import dev.corten.build.file.FileCopy;
import dev.corten.build.work.Tree;
import dev.corten.kernel.Fd;
import dev.corten.model.Digest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Digests of what steps read of their inputs. What a step reads of the same content is the same, so
/// that it is looked at once. Thread-safe.
final class Selections {
    private static final int KEPT = 4096;

    private record Question(Digest content, Digest what) {}

    private final ReentrantLock lock = new ReentrantLock();

    /// Guarded by lock; the least recently used one goes first.
    private final Map<Question, Digest> known =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Question, Digest> eldest) {
                    return size() > KEPT;
                }
            };

    Digest of(BuildOperation operation, int input, Tree tree) throws IOException {
        List<CopyRequest> requests = requests(operation, input);
        var selection = new Definition("selection").number(requests.size());
        for (CopyRequest request : requests) {
            selection.text(of(tree, request).toString());
        }
        return selection.done();
    }

    private static List<CopyRequest> requests(BuildOperation operation, int input) {
        return switch (operation) {
            case FileOperation files ->
                    files.actions().stream()
                            .filter(action -> action.selects(input))
                            .map(action -> ((FileAction.Copy) action).request())
                            .toList();
            case RunOperation run ->
                    run.mounts().stream()
                            .filter(mount -> mount.selects(input))
                            .map(Selections::mounted)
                            .toList();
            case ImageOperation _, SourceOperation _, StackOperation _ -> List.of();
        };
    }

    private static CopyRequest mounted(RunInput mount) {
        String path =
                switch (mount) {
                    case RunInput.Bind bind -> bind.source();
                    case RunInput.Cache cache -> cache.source();
                    case RunInput.Tmpfs _, RunInput.Secret _, RunInput.Agent _ -> "";
                };
        // What a command sees: owners count.
        return CopyRequest.of(List.of(path.isEmpty() ? "/" : path), "/").withOwners();
    }

    private Digest of(Tree tree, CopyRequest request) throws IOException {
        var question = new Question(tree.content(), new Definition("").request(request).done());
        Optional<Digest> before = find(question);
        if (before.isPresent()) {
            return before.get();
        }
        Digest found;
        try (Fd root = tree.open()) {
            found = FileCopy.selection(root, request, tree::known);
        }
        lock.lock();
        try {
            known.put(question, found);
        } finally {
            lock.unlock();
        }
        return found;
    }

    private Optional<Digest> find(Question question) {
        lock.lock();
        try {
            @Nullable Digest found = known.get(question);
            return Optional.ofNullable(found);
        } finally {
            lock.unlock();
        }
    }
}
