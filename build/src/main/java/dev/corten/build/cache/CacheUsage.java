package dev.corten.build.cache;

import java.time.Instant;
import java.util.List;

/// Something that is kept for later builds, as `docker system df -v` lists it.
///
/// @param id 25 lower-case letters and digits
/// @param parents what it lies on, if that is kept as well: it stays as long
/// @param type [#REGULAR], [#CACHE_MOUNT], [#LOCAL_SOURCE] or what else clients know
/// @param inUse whether a build has it open
/// @param shared whether an image has it too, so that its removal frees nothing
/// @param size in bytes
/// @param uses how often it was used, its making included
public record CacheUsage(
        String id,
        List<String> parents,
        String type,
        String description,
        boolean inUse,
        boolean shared,
        long size,
        Instant created,
        Instant lastUsed,
        int uses) {
    public static final String REGULAR = "regular";
    public static final String CACHE_MOUNT = "exec.cachemount";
    public static final String LOCAL_SOURCE = "source.local";
    public static final String INTERNAL = "internal";
    public static final String FRONTEND = "frontend";

    public CacheUsage {
        parents = List.copyOf(parents);
    }

    /// An ID that follows from what it is.
    ///
    /// @param kind keeps things of the same name apart
    public static String idOf(String kind, String name) {
        return Names.of(kind, name);
    }

    /// Whether it goes only when all is to go.
    boolean isStubborn() {
        return shared || type.equals(INTERNAL) || type.equals(FRONTEND);
    }
}
