package dev.corten.engine.container.mount;

import java.util.List;
import java.util.Set;

/// The words behind the second colon of `-v`: `ro,z,rslave`. Of each kind there is one at most.
record MountModes(List<String> words) {
    private static final Set<String> ACCESS = Set.of("ro", "rw");
    private static final Set<String> LABEL = Set.of("z", "Z");
    private static final Set<String> CONSISTENCY = Set.of("consistent", "cached", "delegated");
    private static final String NO_COPY = "nocopy";

    /// Which changes of the mounts below are seen on the other side.
    static final Set<String> PROPAGATION =
            Set.of("private", "rprivate", "slave", "rslave", "shared", "rshared");

    private static final List<Set<String>> KINDS =
            List.of(ACCESS, LABEL, PROPAGATION, CONSISTENCY, Set.of(NO_COPY));

    MountModes {
        words = List.copyOf(words);
    }

    static MountModes of(String mode) {
        return new MountModes(mode.isEmpty() ? List.of() : List.of(mode.split(",", -1)));
    }

    static boolean isValid(String mode) {
        List<String> words = of(mode).words();
        return words.stream().allMatch(word -> KINDS.stream().anyMatch(kind -> kind.contains(word)))
                && KINDS.stream()
                        .allMatch(kind -> words.stream().filter(kind::contains).count() < 2);
    }

    boolean writable() {
        return !words.contains("ro");
    }

    boolean noCopy() {
        return words.contains(NO_COPY);
    }

    /// `""` if none is given.
    String propagation() {
        return words.stream().filter(PROPAGATION::contains).findFirst().orElse("");
    }
}
