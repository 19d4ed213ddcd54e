package dev.corten.registry.server.storage;

import dev.corten.model.Digest;
import dev.corten.registry.ErrorCode;
import dev.corten.registry.Refusal;
import dev.corten.registry.RepositoryName;
import java.io.IOException;
import java.util.Map;

/// How many bytes repositories may have: their blobs, each counted once, their manifests, and what
/// is being uploaded. Counted anew at each question, as other processes add to it too.
public final class Quotas {
    /// No bound.
    public static final long UNLIMITED = Long.MAX_VALUE;

    private final Storage storage;
    private final long usual;
    private final Map<String, Long> special;

    /// @param usual for repositories that are not named
    /// @param special by repository, or by a path above it, ending in a slash
    public Quotas(Storage storage, long usual, Map<String, Long> special) {
        this.storage = storage;
        this.usual = usual;
        this.special = Map.copyOf(special);
    }

    /// The most that a repository may have.
    public long limit(RepositoryName name) {
        Long exact = special.get(name.path());
        if (exact != null) {
            return exact;
        }
        for (int slash = name.path().lastIndexOf('/');
                slash > 0;
                slash = name.path().lastIndexOf('/', slash - 1)) {
            Long above = special.get(name.path().substring(0, slash + 1));
            if (above != null) {
                return above;
            }
        }
        return usual;
    }

    /// How much a repository can take; never negative.
    public long room(RepositoryName name) throws IOException {
        long limit = limit(name);
        return limit == UNLIMITED ? UNLIMITED : Math.max(0, limit - used(storage.repository(name)));
    }

    /// @throws Refusal if this is more than the repository can take
    public void admit(Repository repository, long bytes) throws IOException {
        if (bytes > room(repository.name())) {
            throw exceeded();
        }
    }

    /// Asked when something has been added: [#admit] saw room that others may have taken meanwhile.
    ///
    /// @return whether the repository has no more than it may; what is being uploaded does not count
    public boolean holds(Repository repository) throws IOException {
        long limit = limit(repository.name());
        return limit == UNLIMITED || stored(repository) <= limit;
    }

    /// What a request beyond a quota is told.
    public static Refusal exceeded() {
        return new Refusal(ErrorCode.DENIED, "the repository's quota is exceeded");
    }

    private long used(Repository repository) throws IOException {
        return storage.uploads().bytes(repository.name()) + stored(repository);
    }

    private long stored(Repository repository) throws IOException {
        long sum = 0;
        for (Digest digest : repository.layers()) {
            sum += storage.blobs().size(digest).orElse(0);
        }
        for (Digest digest : repository.manifests()) {
            sum += storage.blobs().size(digest).orElse(0);
        }
        return sum;
    }
}
