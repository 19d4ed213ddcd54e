package dev.corten.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;

/// Makes the images that are measured, as docker archives: the same bytes on every machine with the
/// same busybox. Written here and not with the engine's own tar, which is what is under test.
final class Archives {
    private static final int BIG_LAYERS = 8;
    private static final int BIG_LAYER_BYTES = 39 << 20;
    private static final int QUICK_LAYER_BYTES = 3 << 20;
    private static final int BLOCK = 512;

    private final Path folder;
    private final boolean quick;

    /// @param quick whether `big` is a small one
    Archives(Path folder, boolean quick) {
        this.folder = folder;
        this.quick = quick;
    }

    /// One layer: a static busybox and links for the applets that the bench runs.
    Path busybox() throws IOException {
        Path archive = folder.resolve("busybox.tar");
        if (!Files.exists(archive)) {
            write(archive, "busybox:latest", List.of(busyboxLayer()));
        }
        return archive;
    }

    /// About 310 MiB in nine layers: half noise, half text; many small files and some large ones.
    Path big() throws IOException {
        Path archive = bigPath();
        if (!Files.exists(archive)) {
            write(archive, "big:latest", bigLayers(quick));
        }
        return archive;
    }

    /// Where it is or will be.
    Path bigPath() {
        return folder.resolve(quick ? "big-quick.tar" : "big.tar");
    }

    static List<byte[]> bigLayers(boolean quick) throws IOException {
        var layers = new ArrayList<byte[]>();
        layers.add(busyboxLayer());
        for (int n = 0; n < BIG_LAYERS; n++) {
            layers.add(bigLayer(n, quick ? QUICK_LAYER_BYTES : BIG_LAYER_BYTES));
        }
        return layers;
    }

    /// A few small files.
    static byte[] smallLayer(int number) throws IOException {
        var random = new Random(1000 + number);
        var layer = new Tar();
        layer.directory("small");
        layer.directory("small/" + number);
        for (int n = 0; n < 4; n++) {
            byte[] content = new byte[4 << 10];
            random.nextBytes(content);
            layer.file("small/%d/%d".formatted(number, n), content, 0644);
        }
        return layer.end();
    }

    /// One file of noise, which is never in memory.
    static void writeNoiseLayer(OutputStream out, int number, long length) throws IOException {
        var random = new Random(2000 + number);
        var layer = new Tar(out);
        layer.directory("huge");
        layer.header("huge/" + number, '0', 0644, length, "");
        byte[] piece = new byte[1 << 20];
        for (long left = length; left > 0; left -= piece.length) {
            random.nextBytes(piece);
            out.write(piece);
        }
        layer.end();
    }

    static byte[] busyboxLayer() throws IOException {
        Path program = Path.of("/bin/busybox");
        if (!Files.exists(program)) {
            throw new Failure("/bin/busybox is missing (Debian: busybox-static)");
        }
        var layer = new Tar();
        for (String name : List.of("bin", "dev", "etc", "proc", "root", "sys", "tmp")) {
            layer.directory(name);
        }
        layer.file("bin/busybox", Files.readAllBytes(program), 0755);
        for (String name : List.of("cat", "echo", "false", "head", "sh", "sleep", "true", "yes")) {
            layer.link("bin/" + name, "busybox");
        }
        layer.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n".getBytes(UTF_8), 0644);
        layer.file("etc/group", "root:x:0:\n".getBytes(UTF_8), 0644);
        return layer.end();
    }

    private static byte[] bigLayer(int number, int bytes) throws IOException {
        var random = new Random(number);
        var layer = new Tar();
        layer.directory("data");
        layer.directory("data/" + number);
        int written = 0;
        for (int n = 0; written < bytes; n++) {
            int size = n % 32 == 0 ? 1 << 20 : 1 << (8 + random.nextInt(9));
            size = Math.min(size, bytes - written);
            byte[] content = new byte[size];
            if (number % 2 == 0) {
                random.nextBytes(content);
            } else {
                for (int at = 0; at < size; at++) {
                    content[at] = (byte) (at % 64 == 63 ? '\n' : 'a' + random.nextInt(26));
                }
            }
            layer.file("data/%d/%05d".formatted(number, n), content, 0644);
            written += size;
        }
        return layer.end();
    }

    private void write(Path archive, String name, List<byte[]> layers) throws IOException {
        Files.createDirectories(folder);
        Path partial = folder.resolve(archive.getFileName() + ".partial");
        var ids = layers.stream().map(Archives::sha256).toList();
        byte[] config = configuration(ids);
        String configName = sha256(config) + ".json";
        try (var out = new BufferedOutputStream(Files.newOutputStream(partial), 1 << 20)) {
            var tar = new Tar(out);
            for (int n = 0; n < layers.size(); n++) {
                tar.file(ids.get(n) + "/layer.tar", layers.get(n), 0644);
            }
            tar.file(configName, config, 0644);
            String manifest =
                    "[{\"Config\":\"%s\",\"RepoTags\":[\"%s\"],\"Layers\":[%s]}]"
                            .formatted(configName, name, join(ids, "\"%s/layer.tar\""));
            tar.file("manifest.json", manifest.getBytes(UTF_8), 0644);
            tar.end();
        }
        Files.move(partial, archive, StandardCopyOption.ATOMIC_MOVE);
    }

    /// @param diffs the SHA-256 of each layer
    static byte[] configuration(List<String> diffs) {
        String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        return """
        {"architecture":"%s","os":"linux","created":"2026-01-01T00:00:00Z",\
        "config":{"Cmd":["sh"],"Env":["PATH=/bin"]},\
        "rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}\
        """
                .formatted(
                        architecture,
                        join(diffs, "\"sha256:%s\""),
                        join(diffs, "{\"created_by\":\"bench %.12s\"}"))
                .getBytes(UTF_8);
    }

    /// @param digests of compressed layers
    static String manifest(String config, long configSize, List<String> digests, List<Long> sizes) {
        var layers = new ArrayList<String>();
        for (int n = 0; n < digests.size(); n++) {
            layers.add(
                    "{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\","
                            + "\"size\":%d,\"digest\":\"%s\"}"
                                    .formatted(sizes.get(n), digests.get(n)));
        }
        return """
        {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",\
        "config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":%d,\
        "digest":"%s"},"layers":[%s]}\
        """
                .formatted(configSize, config, String.join(",", layers));
    }

    private static String join(List<String> values, String format) {
        return String.join(",", values.stream().map(format::formatted).toList());
    }

    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(newSha256().digest(bytes));
    }

    static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// Plain ustar: short names, small numbers.
    private static final class Tar {
        private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
        private final OutputStream out;
        private final TreeSet<String> names = new TreeSet<>();

        Tar() {
            out = memory;
        }

        Tar(OutputStream out) {
            this.out = out;
        }

        void directory(String name) throws IOException {
            header(name + "/", '5', name.equals("tmp") ? 01777 : 0755, 0, "");
        }

        void link(String name, String target) throws IOException {
            header(name, '2', 0777, 0, target);
        }

        void file(String name, byte[] content, int mode) throws IOException {
            header(name, '0', mode, content.length, "");
            out.write(content);
            out.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
        }

        /// The archive, where it was made in memory.
        byte[] end() throws IOException {
            out.write(new byte[2 * BLOCK]);
            return memory.toByteArray();
        }

        void header(String name, char type, int mode, long size, String link) throws IOException {
            if (!names.add(name)) {
                throw new IllegalStateException(name + " twice in an archive");
            }
            byte[] header = new byte[BLOCK];
            put(header, 0, name);
            put(header, 100, "%07o".formatted(mode));
            put(header, 108, "0000000");
            put(header, 116, "0000000");
            put(header, 124, "%011o".formatted(size));
            put(header, 136, "%011o".formatted(1_767_225_600));
            put(header, 148, "        ");
            header[156] = (byte) type;
            put(header, 157, link);
            put(header, 257, "ustar");
            put(header, 263, "00");
            int sum = 0;
            for (byte b : header) {
                sum += b & 0xff;
            }
            put(header, 148, "%06o\0 ".formatted(sum));
            out.write(header);
        }

        private static void put(byte[] header, int at, String text) {
            byte[] bytes = text.getBytes(US_ASCII);
            System.arraycopy(bytes, 0, header, at, bytes.length);
        }
    }
}
