package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What an image is, as text that is the same on every machine and at any time: its configuration
/// as it is written, and what each layer has in it.
final class BuiltImage {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /// Whatever is younger has been made by the build.
    private static final Instant NOW = Instant.parse("2025-06-01T00:00:00Z");

    private static final List<String> BASE_LAYERS = baseLayers();
    private static final String BUSYBOX = busybox();

    private final Map<String, byte[]> blobs = new HashMap<>();
    private final JsonNode manifest;

    private BuiltImage(byte[] archive) {
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                blobs.put(e.getName(), tar.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        manifest = JSON.readTree(blobs.get("manifest.json")).get(0);
    }

    /// @param archive what `save` gives
    static BuiltImage of(byte[] archive) {
        return new BuiltImage(archive);
    }

    static BuiltImage saved(Api api, String name) {
        Api.Answer answer = api.get("/images/" + name + "/get");
        if (answer.status() != 200) {
            throw new AssertionError("cannot be saved: " + answer);
        }
        return of(answer.body());
    }

    private static List<String> baseLayers() {
        return BuildBases.all().stream()
                .flatMap(image -> image.diffIds().stream())
                .distinct()
                .toList();
    }

    private static String busybox() {
        try {
            return hash(Files.readAllBytes(Path.of("/bin/busybox")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(byte[] bytes) {
        return Image.sha256(bytes).substring(0, 16);
    }

    ObjectNode config() {
        return (ObjectNode) JSON.readTree(blobs.get(manifest.path("Config").asString()));
    }

    /// The configuration, with all that is by chance replaced.
    String configText() {
        ObjectNode config = config();
        replaceTime(config);
        if (config.path("history") instanceof ArrayNode history) {
            history.forEach(line -> replaceTime((ObjectNode) line));
        }
        if (config.path("architecture").asString().equals(Image.architecture())) {
            config.put("architecture", "ARCH");
        }
        for (String part : List.of("parent", "container", "container_config")) {
            config.remove(part);
        }
        config.remove("docker_version");
        ((ObjectNode) config.path("config")).remove("Image");
        config.remove("rootfs");
        return JSON.writeValueAsString(config)
                .replaceAll("\\b(file|dir|multi):[0-9a-f]{64}", "$1:SUM")
                .replace("\r", "");
    }

    private static void replaceTime(ObjectNode node) {
        if (node.has("created")) {
            Instant at = Instant.parse(node.path("created").asString());
            node.put("created", at.isBefore(NOW) ? at.toString() : "NOW");
        }
    }

    /// What is in each layer, those of the [BuildBases] left out.
    String layersText() {
        var text = new StringBuilder();
        int number = 0;
        for (JsonNode layer : manifest.path("Layers")) {
            byte[] tar = blobs.get(layer.asString());
            text.append("layer ").append(++number);
            if (BASE_LAYERS.contains("sha256:" + Image.sha256(tar))) {
                text.append(": of the base\n");
            } else {
                text.append('\n');
                listed(files(tar)).forEach(line -> text.append("  ").append(line).append('\n'));
            }
        }
        return text.toString();
    }

    /// The paths of what is no directory, in all layers.
    List<String> files() {
        var paths = new ArrayList<String>();
        for (JsonNode layer : manifest.path("Layers")) {
            files(blobs.get(layer.asString()))
                    .forEach((path, line) -> {
                        if (!line.startsWith("d ")) {
                            paths.add(path);
                        }
                    });
        }
        return paths;
    }

    /// Without an empty `/etc`, which each step touches as files are mounted there.
    private static List<String> listed(Map<String, String> files) {
        boolean empty = files.keySet().stream().noneMatch(path -> path.startsWith("etc/"));
        return files.values().stream()
                .filter(line -> !empty || !line.matches("d 755 0:0 \\S+ etc"))
                .map(line -> line.replaceFirst("^d 755 0:0 \\S+ etc$", "d 755 0:0 now etc"))
                .toList();
    }

    private static Map<String, String> files(byte[] layer) {
        var files = new TreeMap<String, String>();
        try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(layer), "UTF-8")) {
            for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
                String path = e.getName().replaceFirst("^\\./", "").replaceFirst("/$", "");
                boolean gone = path.substring(path.lastIndexOf('/') + 1).startsWith(".wh.");
                files.put(path, gone ? "w " + path : line(path, e, tar.readAllBytes()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private static String line(String path, TarArchiveEntry entry, byte[] content) {
        var words = new ArrayList<String>();
        words.add(type(entry));
        words.add(Integer.toOctalString(entry.getMode() & 07777));
        words.add(entry.getLongUserId() + ":" + entry.getLongGroupId());
        Instant time = entry.getLastModifiedTime().toInstant();
        words.add(time.isBefore(NOW) ? time.toString() : "now");
        if (entry.isFile() && !entry.isLink() && !entry.isSymbolicLink()) {
            boolean busybox = hash(content).equals(BUSYBOX);
            words.add(busybox ? "busybox" : content.length + " " + hash(content));
        }
        words.add(path);
        if (!entry.getLinkName().isEmpty()) {
            words.add("-> " + entry.getLinkName());
        }
        String attributes =
                new TreeMap<>(entry.getExtraPaxHeaders())
                        .entrySet().stream()
                                .filter(header -> header.getKey().startsWith("SCHILY.xattr."))
                                .map(h -> h.getKey().substring(13) + "=" + hex(h.getValue()))
                                .collect(Collectors.joining(" "));
        if (!attributes.isEmpty()) {
            words.add(attributes);
        }
        return String.join(" ", words);
    }

    private static String hex(String value) {
        return HexFormat.of().formatHex(value.getBytes(UTF_8));
    }

    private static String type(TarArchiveEntry entry) {
        if (entry.isDirectory()) {
            return "d";
        }
        if (entry.isSymbolicLink()) {
            return "l";
        }
        if (entry.isLink()) {
            return "h";
        }
        if (entry.isCharacterDevice()) {
            return "c";
        }
        return entry.isFIFO() ? "p" : "f";
    }
}
