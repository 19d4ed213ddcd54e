package dev.corten.store.image;

import dev.corten.archive.BoundedInput;
import dev.corten.archive.Compression;
import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Release;
import dev.corten.model.image.History;
import dev.corten.model.image.Image;
import dev.corten.model.image.ImageConfig;
import dev.corten.store.snapshot.LayerImport;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipException;

/// One `docker import`: a root file system's tar becomes an image of one layer.
final class RootfsImport {
    private final Images images;
    private final LayerImport imports;
    private final Clock clock;

    RootfsImport(Images images, LayerImport imports, Clock clock) {
        this.images = images;
        this.imports = imports;
        this.clock = clock;
    }

    Image run(InputStream rootfs, Images.ImportRequest request, ImageConfig config)
            throws IOException, InterruptedException {
        try (var pool = new UnpackPool()) {
            return pool.run(() -> runBlocking(rootfs, request, config));
        } catch (TarFormatException | ZipException | EOFException e) {
            throw new InvalidParameter("archive is damaged: " + e.getMessage(), e);
        } catch (BoundedInput.TooLarge e) {
            throw new InvalidParameter(String.valueOf(e.getMessage()), e);
        }
    }

    private Image runBlocking(InputStream rootfs, Images.ImportRequest request, ImageConfig config)
            throws IOException {
        var unclosed =
                new FilterInputStream(rootfs) {
                    @Override
                    public void close() {}
                };
        try (InputStream plain = Compression.open(unclosed);
                var staged = imports.unpack(plain, TarReader.End.MARKED)) {
            var now = clock.instant();
            var document =
                    new ImageDocument(
                            Optional.of(now),
                            "",
                            request.message(),
                            Release.DOCKER_VERSION,
                            request.platform(),
                            "",
                            config,
                            List.of(staged.diffId()),
                            List.of(
                                    new History(
                                            Optional.of(now), "", "", request.message(), false)));
            byte[] bytes = document.write();
            var image =
                    new Images.NewImage(
                            Digest.of(bytes),
                            bytes,
                            ImageDocument.parse("image configuration", bytes),
                            request.name().stream().toList());
            try (var session = imports.session()) {
                var chain = session.chain();
                if (!chain.addExisting(staged.diffId())) {
                    chain.add(staged, Optional.empty());
                    session.sync();
                    session.commit();
                }
                images.add(List.of(image));
            }
            return images.get(image.id().toString());
        }
    }
}
