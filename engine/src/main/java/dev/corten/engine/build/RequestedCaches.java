package dev.corten.engine.build;

import dev.corten.build.solve.CacheStore;
import dev.corten.build.work.LayeredTree;
import dev.corten.build.work.Tree;
import dev.corten.engine.build.remote.CachePlace;
import dev.corten.engine.build.remote.RemoteCaches;
import java.io.IOException;
import java.util.List;

/// The caches that a request names.
final class RequestedCaches {
    private RequestedCaches() {}

    static List<CachePlace> to(BuildRequest request) {
        return places(request.cacheTo());
    }

    static RemoteCaches.Caches open(
            RemoteCaches caches,
            CacheStore<Tree> local,
            LayeredTree.Maker trees,
            BuildRequest request,
            BuildObserver observer)
            throws IOException, InterruptedException {
        return caches.open(
                local,
                places(request.cacheFrom()),
                to(request),
                request.credentials(),
                trees::get,
                observer);
    }

    private static List<CachePlace> places(List<BuildRequest.CacheSource> sources) {
        return sources.stream()
                .map(source ->
                        new CachePlace(
                                source.type(),
                                source.attributes(),
                                source.files(),
                                source.sink().map(sink -> sink::take)))
                .toList();
    }
}
