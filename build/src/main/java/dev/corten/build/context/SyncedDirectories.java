package dev.corten.build.context;

import dev.corten.build.solve.StepOutput;
import dev.corten.build.work.Tree;
import dev.corten.build.work.TreeSource;
import dev.corten.model.Digest;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// Copies of clients' directories, kept from build to build so that only what has changed is sent.
/// Regular files in them are never written to again, only replaced: layers may share them by hard
/// links.
public final class SyncedDirectories {
    private static final String TRANSFERRING = "transferring context:";

    private final Path root;
    private final Durable durable;
    private final LongSupplier limit;
    private final Executor deletions;
    private final ConcurrentHashMap<String, SyncedCopy> copies = new ConcurrentHashMap<>();

    /// @param root made when it is needed
    /// @param limit of a context, in bytes
    public SyncedDirectories(Path root, Durable durable, LongSupplier limit) {
        this(
                root,
                durable,
                limit,
                task -> Thread.ofPlatform().name("context-deletion").start(task));
    }

    SyncedDirectories(Path root, Durable durable, LongSupplier limit, Executor deletions) {
        this.deletions = deletions;
        this.root = root;
        this.durable = durable;
        this.limit = limit;
    }

    /// A copy as it is on the disk.
    ///
    /// @param name of its directory
    /// @param inUse whether a build reads it at the moment
    public record Usage(String name, long bytes, java.time.Instant lastUsed, boolean inUse) {}

    /// @param key of the client's: the same for the same directory
    public TreeSource source(String key, ClientDirectory client) {
        return new TreeSource() {
            @Override
            public Tree open(Collection<String> wanted, StepOutput output)
                    throws IOException, InterruptedException {
                var paths = new TreeSet<>(wanted);
                if (paths.contains("") || paths.contains(".") || paths.contains("/")) {
                    paths.clear();
                }
                return copy(key, paths)
                        .sync(
                                client,
                                paths,
                                (bytes, done) -> output.progress(TRANSFERRING, bytes, 0, done));
            }
        };
    }

    private SyncedCopy copy(String key, Collection<String> paths) {
        String name =
                Digest.of((key + "\0" + String.join("\0", paths)).getBytes(StandardCharsets.UTF_8))
                        .hex();
        return named(name);
    }

    private SyncedCopy named(String name) {
        return copies.computeIfAbsent(
                name, n -> new SyncedCopy(root.resolve(n), durable, limit, deletions));
    }

    /// All copies.
    public List<Usage> usage() throws IOException {
        var usage = new ArrayList<Usage>();
        if (Files.isDirectory(root)) {
            try (Stream<Path> names = Files.list(root)) {
                for (Path directory : names.toList()) {
                    String name = String.valueOf(directory.getFileName());
                    usage.add(named(name).usage());
                }
            }
        }
        return usage;
    }

    /// Removes a copy, unless a build reads it.
    ///
    /// @return whether it is gone
    public boolean remove(String name) throws IOException, InterruptedException {
        return named(name).remove();
    }
}
