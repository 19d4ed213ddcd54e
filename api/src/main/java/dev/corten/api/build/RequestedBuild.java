package dev.corten.api.build;

import dev.corten.build.context.ClientDirectory;
import dev.corten.build.context.Folder;
import dev.corten.build.context.TarContext;
import dev.corten.build.dockerfile.Dockerfile;
import dev.corten.build.solve.Listener;
import dev.corten.build.solve.Vertex;
import dev.corten.build.work.TreeSource;
import dev.corten.engine.build.BuildObserver;
import dev.corten.engine.build.BuildRequest;
import dev.corten.engine.build.context.BuildContexts;
import dev.corten.engine.build.context.RemoteContext;
import dev.corten.model.Digest;
import dev.corten.model.InvalidParameter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a client has asked for, as the engine wants it. Closing it lets go of a context that had to
/// be fetched before the build, as the Dockerfile is in it.
final class RequestedBuild implements AutoCloseable {
    private final ProtocolRequest asked;
    private final ClientAsks client;
    private final BuildContexts contexts;
    private final Optional<Folder> fetched;
    private final byte[] dockerfile;
    private final BuildRequest request;

    /// @param observer hears how the fetching of a remote context gets on
    RequestedBuild(
            ProtocolRequest asked,
            FrameConnection connection,
            BuildContexts contexts,
            BuildObserver observer)
            throws IOException, InterruptedException {
        this.asked = asked;
        this.client = new ClientAsks(connection, asked.secrets(), asked.agents());
        this.contexts = contexts;
        Optional<RemoteContext> remote =
                asked.dockerfile().isPresent() ? Optional.empty() : Optional.of(fetch(observer));
        this.fetched = remote.map(RemoteContext::folder);
        boolean done = false;
        try {
            this.dockerfile =
                    remote.isPresent()
                            ? remote.get().dockerfile(asked.dockerfileName())
                            : asked.dockerfile().orElseThrow();
            if (dockerfile.length > Dockerfile.MAX_BYTES) {
                throw new InvalidParameter(
                        "dockerfile is larger than " + Dockerfile.MAX_BYTES + " bytes");
            }
            this.request = make();
            done = true;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private RemoteContext fetch(BuildObserver observer) throws IOException, InterruptedException {
        return switch (asked.context().orElseThrow()) {
            case ContextJson.Git(String url) ->
                    fetch("[internal] load git source " + url, url, observer);
            case ContextJson.Http(String url) ->
                    fetch("[internal] load remote build context", url, observer);
            case ContextJson.Tar _ -> {
                try (InputStream in = tar("")) {
                    yield contexts.received(in);
                }
            }
            default -> throw new InvalidParameter("the request has no Dockerfile");
        };
    }

    private RemoteContext fetch(String name, String url, BuildObserver observer)
            throws IOException, InterruptedException {
        Digest definition = Digest.of(url.getBytes(StandardCharsets.UTF_8));
        var vertex = new Vertex(name, () -> definition, List.of());
        observer.begun(vertex);
        Listener.End end = Listener.End.FAILED;
        try {
            RemoteContext context =
                    contexts.fetch(
                            url, client, (stream, bytes) -> observer.wrote(vertex, stream, bytes));
            end = Listener.End.DONE;
            return context;
        } finally {
            observer.ended(vertex, end);
        }
    }

    BuildRequest request() {
        return request;
    }

    byte[] dockerfile() {
        return dockerfile;
    }

    String dockerfileName() {
        return asked.dockerfileName();
    }

    private BuildRequest make() {
        Map<String, BuildRequest.NamedContext> named = new LinkedHashMap<>();
        asked.contexts().forEach((name, context) -> named.put(name, named(name, context)));
        return new BuildRequest(
                BuildRequest.Style.BUILDKIT,
                dockerfile,
                asked.dockerfileName(),
                asked.ignoreFile(),
                fetched.isPresent()
                        ? fetched.map(Folder::source)
                        : asked.context().map(context -> files("", context)),
                named,
                asked.target(),
                asked.arguments(),
                asked.labels(),
                asked.platforms(),
                asked.noCache(),
                asked.noCacheStages(),
                asked.pull(),
                asked.host(),
                asked.allowed(),
                asked.tags(),
                outputs(),
                caches(asked.cacheFrom(), true),
                caches(asked.cacheTo(), false),
                asked.annotations(),
                asked.attestations(),
                asked.keepFailed(),
                asked.explain(),
                client,
                asked.credentials());
    }

    private BuildRequest.NamedContext named(String name, ContextJson context) {
        return switch (context) {
            case ContextJson.Image(String reference) ->
                    new BuildRequest.NamedContext.Image(reference);
            case ContextJson.Layout(String reference) ->
                    new BuildRequest.NamedContext.Layout(
                            path ->
                                    new ChannelInput(
                                            client.ask(
                                                    "blob",
                                                    o ->
                                                            o.text("context", name)
                                                                    .text("path", path))),
                            reference);
            default -> new BuildRequest.NamedContext.Files(files(name, context));
        };
    }

    private TreeSource files(String name, ContextJson context) {
        return switch (context) {
            case ContextJson.Local(String key) -> contexts.directory(key, new Directory(name));
            case ContextJson.Tar _ -> new TarContext(contexts.folders(), () -> tar(name));
            case ContextJson.Git(String url) -> contexts.repository(url, client);
            case ContextJson.Http(String url) -> contexts.download(url);
            case ContextJson.Image _, ContextJson.Layout _ ->
                    throw new InvalidParameter("an image cannot be the build context");
        };
    }

    private List<BuildRequest.Output> outputs() {
        var outputs = new ArrayList<BuildRequest.Output>();
        for (ProtocolRequest.Typed output : asked.outputs()) {
            boolean toClient =
                    switch (output.type()) {
                        case "local", "tar", "oci" -> true;
                        case "docker" -> output.attributes().containsKey("dest");
                        default -> false;
                    };
            outputs.add(
                    new BuildRequest.Output(
                            output.type(),
                            output.attributes(),
                            toClient
                                    ? Optional.of(client.sink(outputs.size()))
                                    : Optional.empty()));
        }
        return outputs;
    }

    private List<BuildRequest.CacheSource> caches(List<ProtocolRequest.Typed> typed, boolean from) {
        var caches = new ArrayList<BuildRequest.CacheSource>();
        for (ProtocolRequest.Typed cache : typed) {
            int index = caches.size();
            boolean local = cache.type().equals("local");
            String name = "cache:" + index;
            String key = "cache:" + cache.attributes().getOrDefault("src", name);
            caches.add(
                    new BuildRequest.CacheSource(
                            cache.type(),
                            cache.attributes(),
                            local && from
                                    ? Optional.of(contexts.directory(key, new Directory(name)))
                                    : Optional.empty(),
                            local && !from
                                    ? Optional.of(client.sink(-1 - index))
                                    : Optional.empty()));
        }
        return caches;
    }

    private InputStream tar(String name) throws IOException {
        FrameChannel channel = client.ask("tar", o -> o.text("context", name));
        return new ChannelInput(channel);
    }

    /// What comes on a channel of its own; closes both.
    private static final class ChannelInput extends FilterInputStream {
        private final FrameChannel channel;

        private ChannelInput(FrameChannel channel) {
            super(channel.input());
            this.channel = channel;
        }

        @Override
        public void close() {
            channel.close();
        }
    }

    /// A directory of the client.
    private final class Directory implements ClientDirectory {
        private final String name;

        private Directory(String name) {
            this.name = name;
        }

        @Override
        public InputStream list(Collection<String> paths) throws IOException {
            return new ChannelInput(
                    client.ask(
                            "list",
                            o -> o.text("context", name).texts("paths", List.copyOf(paths))));
        }

        @Override
        public Files files() throws IOException {
            FrameChannel channel = client.ask("files", o -> o.text("context", name));
            InputStream answers = channel.input();
            OutputStream asks = channel.output();
            return new Files() {
                @Override
                public OutputStream asks() {
                    return asks;
                }

                @Override
                public InputStream answers() {
                    return answers;
                }

                @Override
                public void close() {
                    channel.close();
                }
            };
        }
    }

    @Override
    public void close() {
        fetched.ifPresent(Folder::close);
    }
}
