package dev.corten.engine.image;

import dev.corten.model.Conflict;
import dev.corten.model.CortenException;
import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.Image;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.RegistryClient;
import dev.corten.registry.client.Repository;
import dev.corten.store.Store;
import dev.corten.store.image.ImageUse;
import dev.corten.store.image.StoreCheck;
import dev.corten.store.image.StoreFinding;
import dev.corten.store.snapshot.ChainId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Looks for damage in the store of this engine: `system check`.
public final class StoreChecks {
    private static final Logger LOG = System.getLogger(StoreChecks.class.getName());

    private final Store store;
    private final RegistryClient registries;
    private final ImageUse use;

    /// Held by whoever checks.
    private final ReentrantLock turn = new ReentrantLock();

    public StoreChecks(Store store, RegistryClient registries, ImageUse use) {
        this.store = store;
        this.registries = registries;
        this.use = use;
    }

    /// Something that is not as it should be.
    ///
    /// @param kind `blob`, `configuration`, `name`, `layer` or `file`
    /// @param subject a digest, a name or a path below the data root
    /// @param outcome `found`, `fetched`, `repaired`, `removed` or `left`
    public record Finding(String kind, String subject, String problem, String outcome) {
        static Finding of(StoreFinding finding) {
            return new Finding(
                    word(finding.kind()),
                    finding.subject(),
                    finding.problem(),
                    word(finding.outcome()));
        }

        private static String word(Enum<?> value) {
            return value.name().toLowerCase(Locale.ROOT);
        }
    }

    /// @param repair whether what is found is repaired, as far as that can be
    /// @param credentials by the domain of the names that they are for
    /// @param findings called by this thread
    /// @throws Conflict if another check is under way
    public void run(
            boolean repair,
            Map<String, RegistryCredentials> credentials,
            Consumer<Finding> findings)
            throws IOException {
        if (!turn.tryLock()) {
            throw new Conflict("a check of the store is already running");
        }
        try {
            new StoreCheck(
                            store,
                            repair ? StoreCheck.Mode.REPAIR : StoreCheck.Mode.LOOK,
                            (name, digest) -> fetch(name, digest, credentials),
                            // Asked anew each time: a check takes long.
                            layer -> running().contains(layer),
                            finding -> findings.accept(Finding.of(finding)))
                    .run();
        } finally {
            turn.unlock();
        }
    }

    /// The layers that running containers see.
    private Set<Digest> running() {
        var chains = new HashSet<Digest>();
        for (Image image : store.images().list()) {
            if (use.of(image.id()).stream().anyMatch(ImageUse.Use::running)) {
                chains.addAll(ChainId.of(image.diffIds()));
            }
        }
        return chains;
    }

    private Optional<InputStream> fetch(
            Reference name, Digest digest, Map<String, RegistryCredentials> credentials)
            throws IOException {
        Repository repository =
                registries.pull(
                        name, credentials.getOrDefault(name.domain(), RegistryCredentials.NONE));
        try {
            return Optional.of(repository.blob(Descriptor.of("", digest, 0), 0).in());
        } catch (CortenException e) {
            LOG.log(Level.DEBUG, () -> name + " has no blob " + digest, e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
        try {
            return Optional.of(
                    new ByteArrayInputStream(repository.manifest(digest.toString()).bytes()));
        } catch (CortenException e) {
            LOG.log(Level.DEBUG, () -> name + " has no manifest " + digest, e);
            return Optional.empty();
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("the check was interrupted");
    }
}
