package dev.corten.store;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarWriter;
import dev.corten.model.Digest;
import dev.corten.model.PathBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/// Layers and archives made in memory.
///
/// ```java
/// byte[] base = ImageFixture.layer().file("etc/passwd", "root…").build();
/// byte[] archive = ImageFixture.archive("a:1", base, top).build();
/// ```
public final class ImageFixture {
    private ImageFixture() {}

    public static Layer layer() {
        return new Layer();
    }

    public static Archive archive(String name, byte[]... layers) {
        return new Archive().image(name, layers);
    }

    /// A layer's tar under construction.
    public static final class Layer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final TarWriter tar = new TarWriter(bytes);

        public Layer file(String name, String content) {
            return add(TarEntry.file(name, 0644, content.length()), content);
        }

        public Layer directory(String name, int mode) {
            return add(TarEntry.directory(name, mode), "");
        }

        public Layer symlink(String name, String target) {
            return add(TarEntry.symlink(name, target), "");
        }

        public Layer hardLink(String name, String target) {
            return add(TarEntry.hardLink(name, target), "");
        }

        public Layer whiteout(String path) {
            int slash = path.lastIndexOf('/') + 1;
            return file(path.substring(0, slash) + ".wh." + path.substring(slash), "");
        }

        public Layer opaque(String directory) {
            return file(directory + "/.wh..wh..opq", "");
        }

        public Layer add(TarEntry entry, String content) {
            try {
                tar.add(entry, content.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }

        public byte[] build() {
            try {
                tar.finish();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }

    /// A `docker save` archive under construction, in the old form unless told otherwise.
    public static final class Archive {
        private record Member(TarEntry entry, byte[] data) {}

        private final List<Member> members = new ArrayList<>();
        private final List<String> manifest = new ArrayList<>();
        private final List<String> seen = new ArrayList<>();

        public Archive image(String name, byte[]... layers) {
            var paths = new ArrayList<String>();
            var diffIds = new ArrayList<String>();
            for (byte[] layer : layers) {
                String hex = Digest.of(plain(layer)).hex();
                diffIds.add("\"sha256:" + hex + "\"");
                String path = hex + "/layer.tar";
                paths.add("\"" + path + "\"");
                if (!seen.contains(path)) {
                    seen.add(path);
                    file(path, layer);
                }
            }
            byte[] config =
                    ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":"
                                    + "\"2024-05-06T07:08:09.123456789Z\",\"config\":{\"Cmd\":"
                                    + "[\"sh\"],\"Env\":[\"A=b\"],\"Labels\":null},\"rootfs\":"
                                    + "{\"type\":\"layers\",\"diff_ids\":["
                                    + String.join(",", diffIds)
                                    + "]},\"history\":[],\"x\":\""
                                    + name
                                    + "\"}")
                            .getBytes(StandardCharsets.UTF_8);
            String configPath = Digest.of(config).hex() + ".json";
            file(configPath, config);
            manifest.add(
                    "{\"Config\":\""
                            + configPath
                            + "\",\"RepoTags\":"
                            + (name.isEmpty() ? "null" : "[\"" + name + "\"]")
                            + ",\"Layers\":["
                            + String.join(",", paths)
                            + "]}");
            return this;
        }

        public Archive file(String path, byte[] data) {
            members.add(new Member(TarEntry.file(path, 0644, data.length), data));
            return this;
        }

        public Archive symlink(String path, String target) {
            members.add(new Member(TarEntry.symlink(path, target), new byte[0]));
            return this;
        }

        public Archive without(String suffix) {
            members.removeIf(m -> m.entry().name().toString().endsWith(suffix));
            return this;
        }

        public byte[] build() {
            return buildWith(
                    ("[" + String.join(",", manifest) + "]").getBytes(StandardCharsets.UTF_8));
        }

        public byte[] buildWith(byte[] manifestJson) {
            file("manifest.json", manifestJson);
            return buildBare();
        }

        /// Without a manifest of ours.
        public byte[] buildBare() {
            var bytes = new ByteArrayOutputStream();
            var tar = new TarWriter(bytes);
            try {
                for (Member member : members) {
                    tar.add(member.entry(), member.data());
                }
                tar.finish();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }

    private static byte[] plain(byte[] layer) {
        try {
            return dev.corten.archive.Compression.open(new java.io.ByteArrayInputStream(layer))
                    .readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] gzip(byte[] data) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /// An entry with everything that can be lost.
    public static TarEntry rich(String name, TarEntry.Kind kind, int mode, long size) {
        return new TarEntry(
                PathBytes.of(name),
                kind,
                mode,
                1000,
                2000,
                Instant.ofEpochSecond(1_234_567_890L, 123_456_789),
                size,
                PathBytes.of(""),
                0,
                0,
                Map.of(PathBytes.of("user.t"), new byte[] {0, (byte) 0xFF}),
                List.of());
    }
}
