package dev.corten.build.context;

import dev.corten.build.cache.CacheUsage;
import dev.corten.build.cache.Kept;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;

/// Copies of clients' directories among what is kept for later builds.
public final class KeptContexts implements Kept {
    private static final String DESCRIPTION = "local source for context";

    private final SyncedDirectories directories;

    public KeptContexts(SyncedDirectories directories) {
        this.directories = directories;
    }

    @Override
    public List<CacheUsage> usage() throws IOException {
        return directories.usage().stream().map(KeptContexts::shown).toList();
    }

    /// When it was made is not known, and how often it was used.
    private static CacheUsage shown(SyncedDirectories.Usage copy) {
        return new CacheUsage(
                id(copy),
                List.of(),
                CacheUsage.LOCAL_SOURCE,
                DESCRIPTION,
                copy.inUse(),
                false,
                copy.bytes(),
                copy.lastUsed(),
                copy.lastUsed(),
                1);
    }

    private static String id(SyncedDirectories.Usage copy) {
        return CacheUsage.idOf("context", copy.name());
    }

    @Override
    public boolean remove(String id) throws IOException {
        for (SyncedDirectories.Usage copy : directories.usage()) {
            if (id(copy).equals(id)) {
                try {
                    return directories.remove(copy.name());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("interrupted while a context was removed");
                }
            }
        }
        return false;
    }
}
