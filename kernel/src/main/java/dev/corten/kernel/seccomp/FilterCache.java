package dev.corten.kernel.seccomp;

import dev.corten.model.oci.Seccomp;
import java.util.LinkedHashMap;
import java.util.Map;

/// Compiled filters by their rules. Most containers have the same few.
public final class FilterCache {
    private static final int MAX_ENTRIES = 64;

    private final Abi arch;

    /// Guarded by this; the one used longest ago leaves first.
    private final Map<Seccomp, byte[]> programs =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<Seccomp, byte[]> eldest) {
                    return size() > MAX_ENTRIES;
                }
            };

    public FilterCache(Abi arch) {
        this.arch = arch;
    }

    /// The program for these rules; the caller does not change it.
    public synchronized byte[] program(Seccomp seccomp) {
        return programs.computeIfAbsent(seccomp, rules -> FilterCompiler.compile(rules, arch));
    }
}
