package dev.corten.engine.build;

import dev.corten.build.graph.Bases;
import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Vertex;
import dev.corten.engine.build.BuildRequest.NamedContext;
import dev.corten.engine.build.remote.LayoutImages;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Platform;
import dev.corten.model.image.Image;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The images that one build takes out of directories of its client; until it is closed their layers
/// stay. Thread-safe.
final class LayoutBases implements AutoCloseable {
    private final LayoutImages images;
    private final BuildObserver observer;
    private final Map<String, NamedContext.Layout> layouts = new HashMap<>();
    private final List<LayoutImages.Brought> brought = new ArrayList<>();
    private boolean closed;

    LayoutBases(LayoutImages images, BuildRequest request, BuildObserver observer) {
        this.images = images;
        this.observer = observer;
        request.contexts()
                .forEach((name, context) -> {
                    if (context instanceof NamedContext.Layout layout) {
                        layouts.put(name.toLowerCase(Locale.ROOT), layout);
                    }
                });
    }

    /// @param base as [Bases#LAYOUT] has it
    Image bring(String base, Platform platform) throws IOException, InterruptedException {
        String name = base.substring(Bases.LAYOUT.length());
        NamedContext.Layout layout = layouts.get(name);
        if (layout == null) {
            throw new InvalidParameter("no such context: " + name);
        }
        String text = "[context " + name + "] OCI load from client";
        String definition = text + layout.reference() + platform;
        var vertex =
                new Vertex(
                        text,
                        () -> Digest.of(definition.getBytes(StandardCharsets.UTF_8)),
                        List.of());
        observer.begun(vertex);
        var end = Listener.End.FAILED;
        try {
            LayoutImages.Brought image = images.bring(layout.files(), layout.reference(), platform);
            keep(image);
            end = Listener.End.DONE;
            return image.image();
        } catch (InterruptedException e) {
            end = Listener.End.CANCELED;
            throw e;
        } finally {
            observer.ended(vertex, end);
        }
    }

    /// What comes when nobody waits any more is let go at once.
    private synchronized void keep(LayoutImages.Brought image) {
        if (closed) {
            image.close();
        } else {
            brought.add(image);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        brought.forEach(LayoutImages.Brought::close);
        brought.clear();
    }
}
