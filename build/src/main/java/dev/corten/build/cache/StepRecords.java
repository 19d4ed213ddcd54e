package dev.corten.build.cache;

import dev.corten.model.Digest;
import dev.corten.store.Durable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The files of [DiskCache]: `keys/<hex>` names a record and the content of its result, `records/<id>` or
/// `records/<id>.<chain>` is one.
///
/// A key is of use without a look into the record: its name tells the layers.
final class StepRecords {
    private static final System.Logger LOG = System.getLogger(StepRecords.class.getName());
    private static final Pattern NAME = Pattern.compile("([0-9a-z]{25})(?:\\.([0-9a-f]{64}))?");
    private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");

    private final Path keys;
    private final Path records;
    private final Durable durable;

    /// Uses that are not written yet, by the record's name. What a crash takes of them is no loss.
    private final Map<String, Uses> uses = new ConcurrentHashMap<>();

    private record Uses(Instant last, int number) {}

    /// The name of a record.
    ///
    /// @param chainId the layers; empty if only the content is known
    record Name(String id, Optional<Digest> chainId) {
        static Name of(Digest chainId) {
            return new Name(Names.of("layers", chainId.toString()), Optional.of(chainId));
        }

        static Name ofContent(Digest content) {
            return new Name(Names.of("content", content.toString()), Optional.empty());
        }

        static Optional<Name> parse(String text) {
            Matcher matcher = NAME.matcher(text);
            return matcher.matches()
                    ? Optional.of(
                            new Name(
                                    matcher.group(1),
                                    Optional.ofNullable(matcher.group(2)).map(Digest::new)))
                    : Optional.empty();
        }

        @Override
        public String toString() {
            return id + chainId.map(chain -> "." + chain.hex()).orElse("");
        }
    }

    /// What a key leads to.
    record Found(Name name, Digest content) {}

    /// @param keys `builder/keys`
    /// @param records `builder/records`, which the store reads too
    StepRecords(Path keys, Path records, Durable durable) {
        this.keys = keys;
        this.records = records;
        this.durable = durable;
    }

    /// What a key leads to, if that is there.
    Optional<Found> find(Digest key) throws IOException {
        String text;
        try {
            text = Files.readString(keys.resolve(key.hex()), StandardCharsets.ISO_8859_1).strip();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        int space = text.indexOf(' ');
        Optional<Name> name = space < 0 ? Optional.empty() : Name.parse(text.substring(0, space));
        String content = text.substring(space + 1);
        if (name.isEmpty()
                || !KEY.matcher(content).matches()
                || !Files.exists(records.resolve(name.get().toString()))) {
            forget(key);
            return Optional.empty();
        }
        return Optional.of(new Found(name.get(), new Digest(content)));
    }

    void forget(Digest key) throws IOException {
        durable.delete(keys.resolve(key.hex()));
    }

    /// Makes a key lead to a record, which is made if it is not there.
    void add(Digest key, Name name, Digest content, CacheRecord record) throws IOException {
        durable.createDirectories(keys);
        durable.createDirectories(records);
        // First what is found by the other: a record that no key leads to is removed in time.
        if (!Files.exists(records.resolve(name.toString()))) {
            write(name, record);
        }
        alias(key, name, content);
    }

    void alias(Digest key, Name name, Digest content) throws IOException {
        durable.write(
                keys.resolve(key.hex()),
                (name + " " + content.hex() + "\n").getBytes(StandardCharsets.US_ASCII),
                Durable.Sync.LATER);
    }

    private void write(Name name, CacheRecord record) throws IOException {
        durable.write(records.resolve(name.toString()), record.write(), Durable.Sync.LATER);
    }

    void used(Name name, Instant now) {
        uses.merge(
                name.toString(),
                new Uses(now, 1),
                (before, more) -> new Uses(more.last, before.number + 1));
    }

    /// All records, with their uses; what cannot be read is removed.
    Map<Name, CacheRecord> list() throws IOException {
        var found = new HashMap<Name, CacheRecord>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(records)) {
            for (Path file : files) {
                Optional<Name> name = Name.parse(file.getFileName().toString());
                Optional<CacheRecord> record = name.isEmpty() ? Optional.empty() : read(file);
                if (record.isPresent()) {
                    Uses more = uses.get(file.getFileName().toString());
                    found.put(
                            name.get(),
                            more == null
                                    ? record.get()
                                    : record.get().used(more.last, more.number));
                }
            }
        } catch (NoSuchFileException e) {
            return Map.of();
        }
        return found;
    }

    private Optional<CacheRecord> read(Path file) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            return Optional.of(CacheRecord.read(bytes));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, () -> "removed: " + file, e);
            durable.delete(file);
            return Optional.empty();
        }
    }

    void delete(Name name) throws IOException {
        uses.remove(name.toString());
        durable.delete(records.resolve(name.toString()));
    }

    /// Writes down what was used.
    void flush() throws IOException {
        for (String text : Set.copyOf(uses.keySet())) {
            Uses more = uses.remove(text);
            Optional<CacheRecord> record = read(records.resolve(text));
            if (more != null && record.isPresent()) {
                write(Name.parse(text).orElseThrow(), record.get().used(more.last, more.number));
            }
        }
    }

    /// Removes keys that lead nowhere.
    void sweepKeys() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(keys)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (KEY.matcher(name).matches()) {
                    find(new Digest(name));
                } else if (name.startsWith(".") && !isYoung(file)) {
                    durable.delete(file);
                }
            }
        } catch (NoSuchFileException e) {
            LOG.log(System.Logger.Level.DEBUG, "no keys yet", e);
        }
    }

    /// Whether it may be on its way.
    private static boolean isYoung(Path file) throws IOException {
        return Files.exists(file)
                && Files.getLastModifiedTime(file)
                        .toInstant()
                        .isAfter(Instant.now().minusSeconds(60));
    }
}
