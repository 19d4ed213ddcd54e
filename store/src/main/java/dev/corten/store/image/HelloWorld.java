package dev.corten.store.image;

import dev.corten.archive.TarEntry;
import dev.corten.archive.TarReader;
import dev.corten.archive.TarWriter;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.History;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.snapshot.LayerImport;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Makes the image `hello-world` of one static program, the same image on every machine.
final class HelloWorld {
    /// Any fixed time will do; this one is when the project began.
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

    private static final String PROGRAM = "hello";

    private final Images images;
    private final LayerImport imports;

    HelloWorld(Images images, LayerImport imports) {
        this.images = images;
        this.imports = imports;
    }

    Image install(Path staticBinary) throws IOException, InterruptedException {
        byte[] program = Files.readAllBytes(staticBinary);
        var archive = new ByteArrayOutputStream(program.length + 2048);
        var tar = new TarWriter(archive);
        tar.add(TarEntry.file(PROGRAM, 0755, program.length).withMtime(CREATED), program);
        tar.finish();
        try (var pool = new UnpackPool()) {
            return pool.run(() -> commit(archive.toByteArray()));
        }
    }

    private Image commit(byte[] archive) throws IOException {
        var config = new ImageConfig.Editor();
        config.env = List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        config.cmd = List.of("/" + PROGRAM);
        config.workingDir = "/";
        try (var staged = imports.unpack(new ByteArrayInputStream(archive), TarReader.End.MARKED);
                var session = imports.session()) {
            var document =
                    new ImageDocument(
                            Optional.of(CREATED),
                            "",
                            "ships with Corten",
                            "",
                            Platform.host(),
                            "",
                            config.done(),
                            List.of(staged.diffId()),
                            List.of(
                                    new History(
                                            Optional.of(CREATED),
                                            "COPY hello / # ships with Corten",
                                            "",
                                            "",
                                            false)));
            byte[] bytes = document.write();
            var image =
                    new Images.NewImage(
                            Digest.of(bytes),
                            bytes,
                            document,
                            List.of(Reference.parse("hello-world:latest")));
            var chain = session.chain();
            if (!chain.addExisting(staged.diffId())) {
                chain.add(staged, Optional.empty());
                session.sync();
                session.commit();
            }
            images.add(List.of(image));
            return images.get(image.id().toString());
        }
    }
}
