package dev.corten.cli.setup;

import dev.corten.cli.failure.Failure;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.model.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Contexts in the files that Docker's command line shares:
///
/// ```
/// contexts/meta/<SHA-256 of the name>/meta.json
/// contexts/tls/<SHA-256 of the name>/docker/{ca,cert,key}.pem
/// ```
public final class ContextStore {
    /// The one that is no file: what the variables and options say.
    public static final String DEFAULT = "default";

    public static final String ENDPOINT = "docker";
    public static final String META = "meta.json";

    private final Path root;

    /// @param folder of `config.json`
    ContextStore(String folder) {
        root = Path.of(folder, "contexts");
    }

    /// @throws Failure if it may not be the name of a context
    public static void checkName(String name) {
        if (name.equals(DEFAULT)) {
            throw new Failure("\"default\" is a reserved context name");
        }
        boolean valid = name.length() > 1 && isWord(name.charAt(0));
        for (int i = 1; i < name.length(); i++) {
            valid &= isWord(name.charAt(i)) || "_.+-".indexOf(name.charAt(i)) >= 0;
        }
        if (!valid) {
            throw new Failure(
                    "context name \""
                            + name
                            + "\" is invalid, names are validated against regexp"
                            + " \"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\"");
        }
    }

    private static boolean isWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static String hash(String name) {
        return Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex();
    }

    public Path metaFolder(String name) {
        return root.resolve("meta").resolve(hash(name));
    }

    public Path tlsFolder(String name) {
        return root.resolve("tls").resolve(hash(name));
    }

    public boolean exists(String name) {
        return Files.exists(metaFolder(name).resolve(META));
    }

    /// Names in order.
    public List<String> names() throws IOException {
        var names = new ArrayList<String>();
        Path meta = root.resolve("meta");
        if (!Files.isDirectory(meta)) {
            return names;
        }
        try (Stream<Path> folders = Files.list(meta)) {
            for (Path folder : folders.toList()) {
                Path file = folder.resolve(META);
                if (Files.exists(file)) {
                    names.add(Json.parse(Files.readAllBytes(file)).get("Name").text(""));
                }
            }
        }
        names.sort(null);
        return names;
    }

    /// @throws Failure if there is none of that name
    public StoredContext get(String name) throws IOException {
        Path file = metaFolder(name).resolve(META);
        try {
            return new StoredContext(Json.parse(Files.readAllBytes(file)), tlsFolder(name));
        } catch (NoSuchFileException e) {
            throw new Failure(notFound(name));
        }
    }

    String notFound(String name) {
        return "context \""
                + name
                + "\": context not found: open "
                + metaFolder(name).resolve(META)
                + ": no such file or directory";
    }

    /// Creates or replaces one.
    ///
    /// @param tls contents by name below the endpoint's folder; null to keep what is there
    public void put(
            String name,
            JsonWriter meta,
            @org.jspecify.annotations.Nullable Map<String, byte[]> tls)
            throws IOException {
        if (tls != null) {
            delete(tlsFolder(name));
            if (!tls.isEmpty()) {
                Path folder = tlsFolder(name).resolve(ENDPOINT);
                // Keys are nobody else's business, whatever the umask; as Docker makes them.
                Files.createDirectories(
                        folder,
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwx------")));
                for (var file : tls.entrySet()) {
                    write(folder.resolve(file.getKey()), file.getValue(), "rw-------");
                }
            }
        }
        Path folder = metaFolder(name);
        Files.createDirectories(folder);
        write(folder.resolve(META), meta.toBytes(), "rw-r--r--");
    }

    private static void write(Path file, byte[] content, String permissions) throws IOException {
        Path temporary =
                Files.createTempFile(
                        file.getParent(),
                        file.getFileName().toString(),
                        "",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        Files.write(temporary, content);
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString(permissions));
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }

    public void remove(String name) throws IOException {
        delete(metaFolder(name));
        delete(tlsFolder(name));
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> below = Files.walk(folder)) {
            for (Path each : below.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /// The TLS files of a context by endpoint and name.
    public Map<String, List<String>> tlsNames(String name) throws IOException {
        var names = new TreeMap<String, List<String>>();
        Path folder = tlsFolder(name);
        if (!Files.isDirectory(folder)) {
            return names;
        }
        try (Stream<Path> endpoints = Files.list(folder)) {
            for (Path endpoint : endpoints.toList()) {
                try (Stream<Path> files = Files.list(endpoint)) {
                    names.put(
                            endpoint.getFileName().toString(),
                            files.map(file -> file.getFileName().toString()).sorted().toList());
                }
            }
        }
        return names;
    }

    /// The document of a context.
    public static JsonWriter meta(
            String name, Json metadata, String host, boolean skipVerification) {
        var endpoint = new LinkedHashMap<String, Json>();
        if (!host.isEmpty()) {
            endpoint.put("Host", Json.string(host));
        }
        endpoint.put("SkipTLSVerify", Json.bool(skipVerification));
        var json = new JsonWriter(true).object();
        json.name("Name").value(name);
        json.name("Metadata").value(metadata);
        json.name("Endpoints").object();
        json.name(ENDPOINT).value(Json.object(endpoint));
        return json.end().end();
    }
}
