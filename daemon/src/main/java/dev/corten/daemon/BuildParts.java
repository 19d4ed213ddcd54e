package dev.corten.daemon;

import dev.corten.build.cache.CacheMounts;
import dev.corten.build.cache.DiskCache;
import dev.corten.build.cache.PruneRule;
import dev.corten.build.context.KeptContexts;
import dev.corten.build.solve.Vertex;
import dev.corten.build.step.BuildWorker;
import dev.corten.build.step.FailedSteps;
import dev.corten.build.step.FileLists;
import dev.corten.build.step.ImageOperation;
import dev.corten.build.step.RunSources;
import dev.corten.build.work.LayeredTree;
import dev.corten.build.work.StepRunner;
import dev.corten.build.work.Tree;
import dev.corten.engine.build.BuilderCache;
import dev.corten.engine.build.Builds;
import dev.corten.engine.build.Entitlements;
import dev.corten.engine.build.FailedContainers;
import dev.corten.engine.build.ImageAssembly;
import dev.corten.engine.build.StepClientFiles;
import dev.corten.engine.build.Stories;
import dev.corten.engine.build.classic.ClassicBuilds;
import dev.corten.engine.build.classic.ClassicContexts;
import dev.corten.engine.build.classic.KeptContainers;
import dev.corten.engine.build.classic.StoreLayering;
import dev.corten.engine.build.context.BuildContexts;
import dev.corten.engine.build.output.Exports;
import dev.corten.engine.build.output.Generator;
import dev.corten.engine.build.remote.LayoutImages;
import dev.corten.engine.build.remote.RemoteCaches;
import dev.corten.engine.build.step.AgentSockets;
import dev.corten.engine.container.Containers;
import dev.corten.engine.event.Events;
import dev.corten.engine.image.Images;
import dev.corten.engine.pull.Pulls;
import dev.corten.engine.push.Pushes;
import dev.corten.model.Digest;
import dev.corten.registry.client.RegistryClient;
import dev.corten.store.Store;
import dev.corten.store.snapshot.Layers;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The parts of the builder and how they fit together: a chapter of [Assembly].
///
/// @param classic builds as the classic API has them
/// @param cache what is kept for later builds
/// @param leftovers the same, for people
record BuildParts(
        Builds builds, ClassicBuilds classic, DiskCache<Tree> cache, BuilderCache leftovers) {
    /// @param policy what is collected of the cache
    static BuildParts of(
            Store store,
            Images images,
            Pulls pulls,
            Pushes pushes,
            RegistryClient registries,
            StepRunner steps,
            Containers containers,
            BuildContexts contexts,
            Events events,
            Supplier<List<PruneRule>> policy,
            Entitlements entitlements,
            Path execRoot,
            Clock clock) {
        var trees =
                new LayeredTree.Maker(
                        store.layers(), store.snapshots(), store.layout().temporary());
        var mounts = new CacheMounts(store, clock);
        var cache = new DiskCache<Tree>(store, clock, new Remembered(trees), policy);
        cache.include(mounts);
        cache.include(new KeptContexts(contexts.directories()));
        cache.include(contexts.downloads());
        var sources =
                new RunSources(
                        mounts,
                        new StepClientFiles(new AgentSockets(execRoot)),
                        store.layout().temporary());
        var failed = new FailedSteps();
        var lists = new FileLists();
        var stories =
                new Stories(
                        store.layout().buildRecords().resolveSibling("stories"),
                        store.durable(),
                        lists);
        var worker = new BuildWorker(trees, store.stepLayers(), steps, sources, failed, lists);
        var leftovers = new FailedContainers(failed, containers, images, store, clock);
        var exports = new Exports(store, pushes, new Generator(store, pulls, steps), events, clock);
        var assembly = new ImageAssembly(store.layers(), store.stepLayers(), exports, clock);
        var builds =
                new Builds(
                        worker,
                        cache,
                        trees,
                        images,
                        pulls,
                        request -> contexts.remote(request.client()),
                        new LayoutImages(store),
                        entitlements,
                        assembly,
                        leftovers,
                        stories,
                        new RemoteCaches(store, registries),
                        clock);
        var classic =
                new ClassicBuilds(
                        builds::start,
                        new ClassicContexts(contexts.folders(), contexts::fetch),
                        store.images(),
                        new StoreLayering(store.layers(), store.stepLayers()),
                        (image, name) -> images.tag(image.toString(), name),
                        new KeptContainers(leftovers, containers, store.snapshots()),
                        events,
                        clock);
        return new BuildParts(builds, classic, cache, new BuilderCache(cache, events));
    }

    /// Trees of layers are remembered by their chains.
    private record Remembered(LayeredTree.Maker trees) implements DiskCache.Remembering<Tree> {
        @Override
        public Optional<Digest> chainId(Vertex vertex, Tree result) {
            // What begins with an image is found by the image, and shall not keep its layers.
            return vertex.operation() instanceof ImageOperation
                    ? Optional.empty()
                    : result.chainId();
        }

        @Override
        public Tree restore(Digest content, Digest chainId, Layers.Pin pin) {
            return trees.of(chainId, content, pin);
        }
    }
}
