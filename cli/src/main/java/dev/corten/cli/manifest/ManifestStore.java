package dev.corten.cli.manifest;

import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.model.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Lists that are being put together:
///
/// ```
/// manifests/<name of the list>/<name of an image>     {"Ref":…,"Descriptor":…,"Raw":…,…}
/// ```
///
/// with `-` for each `:` of a name and `_` for each `/`.
final class ManifestStore {
    private final Path root;

    /// @param folder of `config.json`
    ManifestStore(String folder) {
        root = Path.of(folder, "manifests");
    }

    private Path list(Reference list) {
        return root.resolve(fileName(list));
    }

    private static String fileName(Reference name) {
        return name.toString().replace(':', '-').replace('/', '_');
    }

    /// An image of a list.
    Optional<Json> find(Reference list, Reference image) throws IOException {
        Path file = list(list).resolve(fileName(image));
        return Files.exists(file)
                ? Optional.of(Json.parse(Files.readAllBytes(file)))
                : Optional.empty();
    }

    boolean exists(Reference list) {
        return Files.isDirectory(list(list));
    }

    /// All images of a list, by the names of their files.
    List<Json> images(Reference list) throws IOException {
        var images = new ArrayList<Json>();
        try (Stream<Path> files = Files.list(list(list))) {
            for (Path file : files.sorted().toList()) {
                images.add(Json.parse(Files.readAllBytes(file)));
            }
        }
        return images;
    }

    void save(Reference list, Reference image, Json document) throws IOException {
        Path folder = list(list);
        Files.createDirectories(folder);
        Path temporary = Files.createTempFile(root, "new", "");
        try {
            Files.write(temporary, new JsonWriter(true).value(document).toBytes());
            Files.move(temporary, folder.resolve(fileName(image)), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    void remove(Reference list) throws IOException {
        Path folder = list(list);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
