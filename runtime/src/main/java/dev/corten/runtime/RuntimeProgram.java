package dev.corten.runtime;

import java.util.List;

/// Another OCI runtime: runc, crun, gVisor, or our own by its path.
///
/// @param name that users know it by
/// @param path absolute, or looked up in PATH
/// @param args options of its own before every command
public record RuntimeProgram(String name, String path, List<String> args) {
    public RuntimeProgram {
        args = List.copyOf(args);
    }
}
