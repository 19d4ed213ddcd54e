package dev.corten.store.image;

import dev.corten.archive.TarFormatException;
import dev.corten.archive.TarReader;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Release;
import dev.corten.model.image.History;
import dev.corten.model.image.Image;
import dev.corten.store.snapshot.LayerImport;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One `docker commit`: what a container has changed becomes a layer on those of its image.
final class ContainerCommit {
    /// What an archive without members is: such a layer is none.
    private static final Digest NOTHING = Digest.of(new byte[1024]);

    private final Images images;
    private final LayerImport imports;
    private final Clock clock;

    ContainerCommit(Images images, LayerImport imports, Clock clock) {
        this.images = images;
        this.imports = imports;
        this.clock = clock;
    }

    Image run(InputStream changes, Images.CommitRequest request) throws IOException {
        Image base = request.base();
        try (var staged = imports.unpack(changes, TarReader.End.MARKED);
                var session = imports.session()) {
            boolean isLayer = !staged.diffId().equals(NOTHING);
            var diffIds = new ArrayList<>(base.diffIds());
            var chain = session.chain();
            for (Digest diffId : base.diffIds()) {
                if (!chain.addExisting(diffId)) {
                    throw new InvalidParameter("layers of the container's image are missing");
                }
            }
            if (isLayer) {
                diffIds.add(staged.diffId());
                if (!chain.addExisting(staged.diffId())) {
                    chain.add(staged, Optional.empty());
                }
            }
            Images.NewImage image = image(request, base, diffIds, isLayer);
            session.sync();
            session.commit();
            images.add(List.of(image));
            return images.get(image.id().toString());
        } catch (TarFormatException e) {
            throw new IOException("cannot commit the container: " + e.getMessage(), e);
        }
    }

    private Images.NewImage image(
            Images.CommitRequest request, Image base, List<Digest> diffIds, boolean isLayer) {
        Instant now = clock.instant();
        var history = new ArrayList<>(base.history());
        history.add(
                new History(
                        Optional.of(now),
                        request.createdBy(),
                        request.author(),
                        request.comment(),
                        !isLayer));
        var document =
                new ImageDocument(
                        Optional.of(now),
                        request.author(),
                        request.comment(),
                        Release.DOCKER_VERSION,
                        base.platform(),
                        base.osVersion(),
                        request.config(),
                        diffIds,
                        history);
        byte[] bytes = document.write();
        Digest id = Digest.of(bytes);
        return new Images.NewImage(
                        id,
                        bytes,
                        ImageDocument.parse("image configuration", bytes),
                        request.name().stream().toList())
                .withParent(Optional.of(base.id()));
    }
}
