package dev.corten.engine.build.context;

import dev.corten.build.cache.CacheUsage;
import dev.corten.build.cache.Kept;
import dev.corten.kernel.Errno;
import dev.corten.kernel.Fd;
import dev.corten.kernel.file.FileCalls;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Files of the web that builds have fetched, with what their servers said by which to tell whether
/// they are still the same.
///
/// ```
/// <digest of the address>/
///     record        what the server said, and which of the files it is
///     <digest>      the file; never written to again, as layers may share it by hard links
/// ```
///
/// Nothing is synced: a record names the boot, and is no good after another one. Thread-safe, and
/// among processes too, as a record is replaced as a whole.
public final class KeptDownloads implements Kept {
    private static final String RECORD = "record";
    private static final String DESCRIPTION = "http source";

    /// No record has more.
    private static final int RECORD_MAX = 64 << 10;

    private final Path root;
    private final Durable durable;
    private final String boot;
    private final Clock clock;

    /// @param root made when it is needed
    /// @param boot of the machine
    public KeptDownloads(Path root, Durable durable, String boot, Clock clock) {
        this.root = root;
        this.durable = durable;
        this.boot = boot;
        this.clock = clock;
    }

    /// A file as it was when it was fetched.
    ///
    /// @param name it has for a build
    /// @param etag as the server said it; `""` if it did not
    /// @param modified the same of `Last-Modified`
    record Known(Digest digest, String name, String etag, String modified) {
        /// By which the server is asked whether the file is still the same.
        Map<String, String> conditions() {
            var conditions = new HashMap<String, String>();
            if (!etag.isEmpty()) {
                conditions.put("If-None-Match", etag);
            }
            if (!modified.isEmpty()) {
                conditions.put("If-Modified-Since", modified);
            }
            return conditions;
        }
    }

    private Path directory(String key) {
        return root.resolve(Digest.of(key.getBytes(StandardCharsets.UTF_8)).hex());
    }

    /// Gives the file once more.
    ///
    /// @param key the address, and what else the file depends on
    /// @param place where a link to it is made
    /// @return empty if it is not kept
    Optional<Known> take(String key, Path place) throws IOException {
        Path directory = directory(key);
        Optional<Known> known = read(directory);
        if (known.isPresent()) {
            try {
                Files.createLink(place, directory.resolve(known.get().digest().hex()));
                Files.setLastModifiedTime(
                        directory.resolve(RECORD), FileTime.from(clock.instant()));
            } catch (NoSuchFileException e) {
                // Somebody has just fetched another one, or taken it away.
                Files.deleteIfExists(place);
                return Optional.empty();
            }
        }
        return known;
    }

    private Optional<Known> read(Path directory) throws IOException {
        byte[] bytes;
        try (var in = Files.newInputStream(directory.resolve(RECORD))) {
            bytes = in.readNBytes(RECORD_MAX);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            List<String> values =
                    Stream.of(new String(bytes, StandardCharsets.US_ASCII).split("\n", -1))
                            .map(line ->
                                    new String(
                                            Base64.getDecoder().decode(line),
                                            StandardCharsets.UTF_8))
                            .toList();
            return values.size() == 5 && values.getFirst().equals(boot)
                    ? Optional.of(
                            new Known(
                                    Digest.parse(values.get(1)),
                                    values.get(2),
                                    values.get(3),
                                    values.get(4)))
                    : Optional.empty();
        } catch (IllegalArgumentException | InvalidParameter e) {
            // What cannot be understood is as good as what is not there: it is fetched again.
            return Optional.empty();
        }
    }

    /// Keeps a file that has just come.
    ///
    /// @param folder has it under its name; nobody writes to it any more
    void keep(String key, Fd folder, Known known) throws IOException {
        Path directory = directory(key);
        durable.createDirectories(directory);
        String place = directory.resolve(known.digest().hex()).toString();
        try {
            FileCalls.link(folder, known.name(), Fd.CWD, place, 0);
        } catch (Errno e) {
            if (!e.is(Errno.EEXIST)) {
                throw e;
            }
            // The same bytes have come before.
        }
        String text =
                Stream.of(
                                boot,
                                known.digest().toString(),
                                known.name(),
                                known.etag(),
                                known.modified())
                        .map(value ->
                                Base64.getEncoder()
                                        .encodeToString(value.getBytes(StandardCharsets.UTF_8)))
                        .collect(Collectors.joining("\n"));
        durable.write(
                directory.resolve(RECORD),
                text.getBytes(StandardCharsets.US_ASCII),
                Durable.Sync.LATER);
        for (Path other : files(directory)) {
            String name = String.valueOf(other.getFileName());
            if (!name.equals(RECORD) && !name.equals(known.digest().hex())) {
                Files.deleteIfExists(other);
            }
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    @Override
    public List<CacheUsage> usage() throws IOException {
        var usage = new ArrayList<CacheUsage>();
        for (Path directory : files(root)) {
            long bytes = 0;
            Instant used = Instant.EPOCH;
            try {
                for (Path file : files(directory)) {
                    if (String.valueOf(file.getFileName()).equals(RECORD)) {
                        used = Files.getLastModifiedTime(file).toInstant();
                    } else {
                        bytes += Files.size(file);
                    }
                }
            } catch (NoSuchFileException e) {
                continue; // it goes at this moment
            }
            usage.add(
                    new CacheUsage(
                            id(directory),
                            List.of(),
                            CacheUsage.REGULAR,
                            DESCRIPTION,
                            false,
                            false,
                            bytes,
                            used,
                            used,
                            1));
        }
        return usage;
    }

    private static String id(Path directory) {
        return CacheUsage.idOf("download", String.valueOf(directory.getFileName()));
    }

    /// Builds that have the file have links of their own to it.
    @Override
    public boolean remove(String id) throws IOException {
        for (Path directory : files(root)) {
            if (id(directory).equals(id)) {
                durable.delete(directory.resolve(RECORD));
                for (Path file : files(directory)) {
                    durable.delete(file);
                }
                try {
                    durable.delete(directory);
                } catch (java.nio.file.DirectoryNotEmptyException e) {
                    return false; // a build has fetched it anew
                }
                return true;
            }
        }
        return false;
    }
}
