package dev.corten.daemon.settings;

import java.util.List;

/// Another OCI runtime, as `--add-runtime` or `runtimes` names it.
///
/// @param path its program, or empty
/// @param type of a containerd shim, or empty
public record RuntimeEntry(String path, String type, List<String> args) {
    public RuntimeEntry {
        args = List.copyOf(args);
    }
}
