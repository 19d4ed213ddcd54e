package dev.corten.bench;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Fills a registry with the images that engines pull: for all of them the same compressed bytes.
final class RegistryContents {
    private static final int SMALL_LAYERS = 60;

    private final Path folder;
    private final boolean quick;

    /// @param folder for a layer that is too large for memory
    RegistryContents(Path folder, boolean quick) {
        this.folder = folder;
        this.quick = quick;
    }

    /// A compressed layer.
    ///
    /// @param diff the SHA-256 of what is in it
    private record Layer(String digest, long size, String diff) {}

    /// Pushes what is not there yet.
    ///
    /// @param name `big`, `layers` or `huge`
    void ensure(LocalRegistry registry, String name) throws IOException {
        try (var connection = new RegistryConnection(registry.port())) {
            if (connection.has("/v2/" + name + "/manifests/latest")) {
                return;
            }
            System.err.println("bench: fills a registry with " + name);
            var layers = new ArrayList<Layer>();
            switch (name) {
                case "big" -> {
                    for (byte[] tar : Archives.bigLayers(quick)) {
                        layers.add(push(connection, name, tar));
                    }
                }
                case "layers" -> {
                    layers.add(push(connection, name, Archives.busyboxLayer()));
                    for (int n = 0; n < SMALL_LAYERS; n++) {
                        layers.add(push(connection, name, Archives.smallLayer(n)));
                    }
                }
                case "huge" -> {
                    layers.add(push(connection, name, Archives.busyboxLayer()));
                    for (int n = 0; n < (quick ? 2 : 8); n++) {
                        layers.add(pushNoise(connection, name, n, (quick ? 16L : 256L) << 20));
                    }
                }
                default -> throw new Failure("no image " + name);
            }
            byte[] config = Archives.configuration(layers.stream().map(Layer::diff).toList());
            String digest = "sha256:" + Archives.sha256(config);
            connection.put(name, digest, RegistryConnection.Body.of(config));
            connection.putManifest(
                    name,
                    "latest",
                    Archives.manifest(
                            digest,
                            config.length,
                            layers.stream().map(Layer::digest).toList(),
                            layers.stream().map(Layer::size).toList()));
        }
    }

    private static Layer push(RegistryConnection connection, String name, byte[] tar)
            throws IOException {
        var zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            gzip.write(tar);
        }
        byte[] bytes = zipped.toByteArray();
        String digest = "sha256:" + Archives.sha256(bytes);
        connection.put(name, digest, RegistryConnection.Body.of(bytes));
        return new Layer(digest, bytes.length, Archives.sha256(tar));
    }

    private Layer pushNoise(RegistryConnection connection, String name, int number, long length)
            throws IOException {
        Path file = Files.createDirectories(folder).resolve("layer.partial");
        MessageDigest blob = Archives.newSha256();
        MessageDigest diff = Archives.newSha256();
        try {
            try (var to = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20);
                    var gzip = new FastGzip(new DigestOutputStream(to, blob))) {
                Archives.writeNoiseLayer(new DigestOutputStream(gzip, diff), number, length);
            }
            String digest = "sha256:" + HexFormat.of().formatHex(blob.digest());
            connection.put(name, digest, new FileBody(file, Files.size(file)));
            return new Layer(digest, Files.size(file), HexFormat.of().formatHex(diff.digest()));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private record FileBody(Path file, long length) implements RegistryConnection.Body {
        @Override
        public void writeTo(OutputStream out) throws IOException {
            Files.copy(file, out);
        }
    }

    /// Noise does not get smaller, however long one tries.
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(OutputStream out) throws IOException {
            super(out, 1 << 16);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
