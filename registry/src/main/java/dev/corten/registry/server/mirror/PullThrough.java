package dev.corten.registry.server.mirror;

import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.Release;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import dev.corten.registry.client.Proxies;
import dev.corten.registry.client.RegistryClient;
import dev.corten.registry.client.RegistrySettings;
import dev.corten.registry.client.RemoteManifest;
import dev.corten.registry.client.Repository;
import dev.corten.registry.server.protocol.Upstream;
import dev.corten.registry.server.settings.BadSettings;
import dev.corten.registry.server.settings.ServerSettings;
import dev.corten.registry.server.storage.Storage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// The cache of one upstream. Tags are asked for each time, as they may have moved; what has a digest
/// is fetched once. An upstream that does not answer leaves what is here.
public final class PullThrough implements Upstream {
    private static final Logger LOG = System.getLogger(PullThrough.class.getName());
    private static final Path CERTIFICATES = Path.of("/etc/docker/certs.d");

    private final Storage storage;
    private final RegistryClient client;
    private final String domain;
    private final RegistryCredentials credentials;

    /// What is being fetched: whoever wants the same waits for it.
    private final ConcurrentMap<Digest, Fetch> fetches = new ConcurrentHashMap<>();

    /// One request to the upstream.
    @FunctionalInterface
    private interface Question<T> {
        T ask() throws InterruptedException;
    }

    /// @param environment for the proxies on the way
    public PullThrough(
            ServerSettings.Proxy settings, Storage storage, Map<String, String> environment)
            throws BadSettings {
        this.storage = storage;
        URI url;
        try {
            url =
                    URI.create(
                            settings.url().contains("://")
                                    ? settings.url()
                                    : "https://" + settings.url());
        } catch (IllegalArgumentException e) {
            throw new BadSettings("proxy.remoteurl: " + e.getMessage());
        }
        if (url.getHost() == null) {
            throw new BadSettings("proxy.remoteurl: must be a URL: " + settings.url());
        }
        String host = url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
        this.domain =
                List.of("registry-1.docker.io", "index.docker.io").contains(host)
                        ? Reference.DEFAULT_DOMAIN
                        : host;
        List<String> insecure = "http".equals(url.getScheme()) ? List.of(host) : List.of();
        var proxies =
                new Proxies(
                        first(environment, "HTTP_PROXY", "http_proxy"),
                        first(environment, "HTTPS_PROXY", "https_proxy"),
                        first(environment, "NO_PROXY", "no_proxy"));
        var registry =
                new RegistrySettings(
                        List.of(),
                        insecure,
                        List.of(CERTIFICATES),
                        proxies,
                        "corten-registry/" + Release.CURRENT.version());
        this.client = new RegistryClient(() -> registry, () -> 2);
        this.credentials =
                new RegistryCredentials(settings.username(), settings.password(), domain, "", "");
    }

    private static String first(Map<String, String> environment, String... names) {
        for (String name : names) {
            String value = environment.getOrDefault(name, "");
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }

    @Override
    public void tag(RepositoryName name, String tag) throws IOException {
        var local = storage.repository(name);
        try {
            Optional<Descriptor> now = asking(() -> upstream(name).head(tag));
            if (now.isEmpty()) {
                local.removeTag(tag);
                throw new Refusal(ErrorCode.MANIFEST_UNKNOWN).with(Map.of("Tag", tag));
            }
            Digest digest = now.get().digest();
            if (!local.hasManifest(digest)) {
                fetch(name, tag);
            } else if (!local.tag(tag).equals(now.map(Descriptor::digest))) {
                local.setTag(tag, digest);
            }
        } catch (NotFound e) {
            local.removeTag(tag);
            throw refusal(e);
        } catch (CortenException e) {
            if (local.tag(tag).isEmpty()) {
                throw refusal(e);
            }
            LOG.log(
                    Level.WARNING,
                    () -> name + ":" + tag + " as it was, without the upstream: " + e.message());
        }
    }

    @Override
    public void manifest(RepositoryName name, Digest digest) throws IOException {
        if (!storage.repository(name).hasManifest(digest)) {
            try {
                fetch(name, digest.toString());
            } catch (CortenException e) {
                throw refusal(e);
            }
        }
    }

    private void fetch(RepositoryName name, String tagOrDigest) throws IOException {
        RemoteManifest manifest = asking(() -> upstream(name).manifest(tagOrDigest));
        var local = storage.repository(name);
        Digest digest = Digest.of(manifest.bytes());
        local.putManifest(digest, manifest.bytes());
        if (!tagOrDigest.contains(":")) {
            local.setTag(tagOrDigest, digest);
        }
    }

    @Override
    public List<String> tags(RepositoryName name) throws IOException {
        try {
            return asking(() -> upstream(name).tags());
        } catch (NotFound _) {
            throw new Refusal(ErrorCode.NAME_UNKNOWN).with(Map.of("name", name.path()));
        } catch (CortenException e) {
            LOG.log(
                    Level.WARNING,
                    () -> "tags of " + name + " without the upstream: " + e.message());
            return storage.repository(name).tags();
        }
    }

    @Override
    public boolean blob(RepositoryName name, Digest digest, Answer answer) throws IOException {
        Fetch fetch = fetches.computeIfAbsent(digest, _ -> start(name, digest));
        if (!fetch.isFor(name) && !has(name, digest)) {
            throw new Refusal(ErrorCode.BLOB_UNKNOWN).with(digest.toString());
        }
        long size = fetch.awaitBegin();
        if (answer.isPartial() || size < 0) {
            fetch.awaitEnd();
            link(name, digest);
            return false;
        }
        try (var file = fetch.open();
                OutputStream out = answer.begin(size)) {
            fetch.copy(file, out);
        }
        link(name, digest);
        return true;
    }

    /// Who may see the one repository need not be allowed to see the other.
    private boolean has(RepositoryName name, Digest digest) throws IOException {
        try {
            return asking(() -> upstream(name).has(digest));
        } catch (CortenException e) {
            throw refusal(e);
        }
    }

    /// It may have been fetched for another repository.
    private void link(RepositoryName name, Digest digest) throws IOException {
        if (!storage.repository(name).hasLayer(digest)) {
            storage.repository(name).linkLayer(digest);
        }
    }

    private Fetch start(RepositoryName name, Digest digest) {
        var fetch = new Fetch(storage, upstream(name), name, digest);
        Thread.ofVirtual()
                .name("fetch " + digest.shortHex())
                .start(() -> {
                    try {
                        fetch.run();
                    } finally {
                        fetches.remove(digest, fetch);
                    }
                });
        return fetch;
    }

    private Repository upstream(RepositoryName name) {
        return client.pull(
                new Reference(domain, name.path(), Optional.empty(), Optional.empty()),
                credentials);
    }

    private static <T> T asking(Question<T> question) throws IOException {
        try {
            return question.ask();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            var failure = new InterruptedIOException("interrupted while the upstream was asked");
            failure.initCause(e);
            throw failure;
        }
    }

    static Refusal refusal(CortenException failure) {
        if (failure instanceof NotFound) {
            return new Refusal(ErrorCode.MANIFEST_UNKNOWN);
        }
        return new Refusal(ErrorCode.UNAVAILABLE, "the upstream failed: " + failure.message());
    }
}
