package dev.corten.store.snapshot;

import dev.corten.model.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The layers that the builder remembers. The names of its records tell which; nothing is opened, and
/// what is collected at the start of a daemon is right before there is a builder.
public final class KeptSteps {
    private static final Pattern RECORD = Pattern.compile("[0-9a-z]{1,64}\\.([0-9a-f]{64})");

    private final Path directory;

    /// @param directory need not be there
    public KeptSteps(Path directory) {
        this.directory = directory;
    }

    /// @throws UncheckedIOException if the directory cannot be read: then nobody may collect
    public Set<Digest> chains() {
        var chains = new HashSet<Digest>();
        try (DirectoryStream<Path> records = Files.newDirectoryStream(directory)) {
            for (Path record : records) {
                Matcher name = RECORD.matcher(record.getFileName().toString());
                if (name.matches()) {
                    chains.add(new Digest(name.group(1)));
                }
            }
        } catch (NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return chains;
    }
}
