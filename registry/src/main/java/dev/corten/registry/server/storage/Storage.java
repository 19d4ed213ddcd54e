package dev.corten.registry.server.storage;

import dev.corten.registry.RepositoryName;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The tree of a registry. Thread-safe; see the package for what other processes may do meanwhile.
public final class Storage {
    private static final Duration TEMPORARY = Duration.ofDays(1);
    private static final int MAX_DEPTH = 128;

    private final Layout layout;
    private final StorageFiles files;
    private final Blobs blobs;
    private final Uploads uploads;

    /// @param directory the `rootdirectory` of the settings
    public Storage(Path directory) {
        this(directory, _ -> {});
    }

    /// @param gate sees each change before it happens
    public Storage(Path directory, Durable.Gate gate) {
        this.layout = new Layout(directory);
        this.files = new StorageFiles(layout, gate);
        this.blobs = new Blobs(layout, files);
        this.uploads = new Uploads(layout, files, blobs);
    }

    /// Makes what is missing of the tree and removes what a crash has left on its way.
    public void open() throws IOException {
        Files.createDirectories(layout.repositories());
        Files.createDirectories(layout.blobs());
        files.removeTemporariesBefore(Instant.now().minus(TEMPORARY));
    }

    /// Whether the tree can be written and read.
    ///
    /// @throws IOException if it cannot
    public void check() throws IOException {
        Path file = files.newTemporary();
        try {
            Files.write(file, new byte[] {1});
        } finally {
            // On a full disk it is there, and empty.
            Files.deleteIfExists(file);
        }
        Files.getLastModifiedTime(layout.root());
    }

    public Layout layout() {
        return layout;
    }

    public StorageFiles files() {
        return files;
    }

    public Blobs blobs() {
        return blobs;
    }

    public Uploads uploads() {
        return uploads;
    }

    public Repository repository(RepositoryName name) {
        return new Repository(name, layout, files, blobs);
    }

    /// Repositories in the order of their paths, word by word: `a/b` before `a-b`.
    ///
    /// @param after the last one that is known already; empty to begin
    /// @param limit how many at most
    public List<RepositoryName> repositories(Optional<String> after, int limit) throws IOException {
        var found = new ArrayList<RepositoryName>();
        if (limit > 0) {
            eachRepository(
                    after,
                    name -> {
                        found.add(name);
                        return found.size() < limit;
                    });
        }
        return found;
    }

    /// Shows repositories in the order of their paths until somebody has seen enough.
    ///
    /// @param seen says whether to go on
    public void eachRepository(Optional<String> after, Predicate<RepositoryName> seen)
            throws IOException {
        walk(
                layout.repositories(),
                "",
                after.map(Storage::words).orElse(new String[0]),
                seen,
                names -> names.contains("_layers") || names.contains("_manifests"),
                0);
    }

    /// Repositories into which something is being uploaded, or was, also those that have nothing else.
    public List<RepositoryName> repositoriesWithUploads() throws IOException {
        var found = new ArrayList<RepositoryName>();
        walk(
                layout.repositories(),
                "",
                new String[0],
                name -> {
                    found.add(name);
                    return true;
                },
                names -> names.contains("_uploads"),
                0);
        return found;
    }

    /// @param isOne whether a directory with these names in it is a repository to be shown
    private boolean walk(
            Path directory,
            String path,
            String[] after,
            Predicate<RepositoryName> seen,
            Predicate<List<String>> isOne,
            int depth)
            throws IOException {
        if (depth > MAX_DEPTH) {
            return true;
        }
        List<String> names = StorageFiles.names(directory);
        if (isOne.test(names) && isAfter(path, after) && RepositoryName.isValid(path)) {
            if (!seen.test(new RepositoryName(path))) {
                return false;
            }
        }
        for (String name : names) {
            String below = path.isEmpty() ? name : path + "/" + name;
            boolean may = !name.startsWith("_") && !name.startsWith(".");
            if (may && mayHold(below, after)) {
                if (!walk(directory.resolve(name), below, after, seen, isOne, depth + 1)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static String[] words(String path) {
        return path.split("/", -1);
    }

    private static boolean isAfter(String path, String[] after) {
        return after.length == 0 || compare(words(path), after) > 0;
    }

    /// Whether something below this path can come after.
    private static boolean mayHold(String path, String[] after) {
        String[] words = words(path);
        int n = Math.min(words.length, after.length);
        for (int i = 0; i < n; i++) {
            int order = words[i].compareTo(after[i]);
            if (order != 0) {
                return order > 0;
            }
        }
        return true;
    }

    private static int compare(String[] a, String[] b) {
        return java.util.Arrays.compare(a, b);
    }
}
