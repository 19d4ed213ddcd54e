package dev.corten.systests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The images that the corpus builds on. All of them are busybox with scripts that stand for the
/// toolchains whose names the images have.
final class BuildBases {
    private static final Path TOOLS = BuildCase.FOLDER.resolve("tools");

    private BuildBases() {}

    static List<Image> all() {
        var images = new ArrayList<Image>();
        images.add(busybox());
        try {
            byte[] tools = tools();
            for (String tag : Files.readAllLines(TOOLS.resolve("tags"))) {
                images.add(
                        new Image(tag)
                                .layer(Image.busyboxLayer())
                                .layer(tools)
                                .history("ADD rootfs.tar / # buildkit", "COPY tools / # buildkit")
                                .config(
                                        "\"Cmd\":[\"sh\"],\"Env\":[\"PATH=/usr/local/bin:/usr/bin:"
                                                + "/bin\"]"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return images;
    }

    /// Like the usual one, with a history.
    static Image busybox() {
        return new Image("busybox:latest")
                .layer(Image.busyboxLayer())
                .history("ADD rootfs.tar / # buildkit")
                .config("\"Cmd\":[\"sh\"],\"Env\":[\"PATH=/usr/sbin:/usr/bin:/sbin:/bin\"]");
    }

    private static byte[] tools() throws IOException {
        var tar = new Tar().directory("usr", 0755);
        for (String folder :
                List.of("usr/local", "usr/local/bin", "var", "var/lib", "var/lib/apt")) {
            tar.directory(folder, 0755);
        }
        tar.directory("usr/share", 0755).directory("srv", 0755);
        try (Stream<Path> files = Files.list(TOOLS)) {
            for (Path file : files.filter(Files::isExecutable).sorted().toList()) {
                String name = file.getFileName().toString();
                tar.file("usr/local/bin/" + name, Files.readAllBytes(file), 0755);
            }
        }
        return tar.bytes();
    }

    static void load(Engine engine) {
        all().forEach(image -> image.load(engine));
    }
}
