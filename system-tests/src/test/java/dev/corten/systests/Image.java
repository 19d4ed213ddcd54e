package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/// An image in the form of `docker save`, built here.
final class Image {
    private final String name;
    private final List<byte[]> layers = new ArrayList<>();
    private String config = "";
    private String history = "";

    Image(String name) {
        this.name = name;
    }

    /// Debian's static busybox with its applets, a few users, and nothing else.
    static Image busybox() {
        return Holder.BUSYBOX;
    }

    private static final class Holder {
        static final Image BUSYBOX =
                new Image("busybox:latest")
                        .layer(busyboxLayer())
                        .config(
                                "\"Cmd\":[\"sh\"],\"Env\":[\"PATH=/usr/sbin:/usr/bin:/sbin:/bin\"]");
    }

    static byte[] busyboxLayer() {
        try {
            var tar = new Tar();
            for (String folder : List.of("bin", "dev", "etc", "proc", "root", "sys", "home")) {
                tar.directory(folder, 0755);
            }
            tar.directory("tmp", 01777);
            tar.file("bin/busybox", Files.readAllBytes(Path.of("/bin/busybox")), 0755);
            for (String applet : Running.run("/bin/busybox", "--list").lines()) {
                if (!applet.equals("busybox")) {
                    tar.symlink("bin/" + applet, "busybox");
                }
            }
            tar.file(
                    "etc/passwd",
                    """
                    root:x:0:0:root:/root:/bin/sh
                    web:x:1000:1001:web:/home:/bin/sh
                    """);
            tar.file(
                    "etc/group",
                    """
                    root:x:0:
                    web:x:1001:
                    wheel:x:10:web
                    """);
            tar.file("etc/plain", "no program\n");
            return tar.bytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Image layer(byte[] tar) {
        layers.add(tar);
        return this;
    }

    /// Members of the config's `config` object.
    Image config(String members) {
        config = members;
        return this;
    }

    /// Says of each layer how it was made, as images of registries do.
    Image history(String... commands) {
        history =
                List.of(commands).stream()
                        .map(command ->
                                "{\"created\":\"2024-01-01T00:00:00Z\",\"created_by\":\""
                                        + command
                                        + "\"}")
                        .collect(Collectors.joining(",", "\"history\":[", "],"));
        return this;
    }

    String name() {
        return name;
    }

    byte[] archive() {
        var tar = new Tar();
        var files = new ArrayList<String>();
        for (byte[] layer : layers) {
            String file = sha256(layer) + "/layer.tar";
            tar.file(file, layer, 0644);
            files.add("\"" + file + "\"");
        }
        String json = configuration();
        String file = sha256(json.getBytes(UTF_8)) + ".json";
        tar.file(file, json);
        tar.file(
                "manifest.json",
                "[{\"Config\":\"%s\",\"RepoTags\":[\"%s\"],\"Layers\":[%s]}]"
                        .formatted(file, name, String.join(",", files)));
        return tar.bytes();
    }

    private String configuration() {
        String diffs =
                layers.stream()
                        .map(layer -> "\"sha256:" + sha256(layer) + "\"")
                        .collect(Collectors.joining(","));
        return """
        {"architecture":"%s","os":"linux","created":"2026-01-01T00:00:00Z",\
        "config":{%s},%s"rootfs":{"type":"layers","diff_ids":[%s]}}\
        """
                .formatted(architecture(), config, history, diffs);
    }

    List<String> diffIds() {
        return layers.stream().map(layer -> "sha256:" + sha256(layer)).toList();
    }

    /// By which an engine knows it.
    String id() {
        return "sha256:" + sha256(configuration().getBytes(UTF_8));
    }

    static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    void load(Engine engine) {
        Path file = engine.scratch("image.tar");
        try {
            Files.write(file, archive());
            engine.docker().ok("load", "-i", file.toString());
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
