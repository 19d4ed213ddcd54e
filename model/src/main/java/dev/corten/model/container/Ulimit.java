package dev.corten.model.container;

/// A resource limit; -1 is unlimited.
///
/// @param name without `RLIMIT_`, in lower case: `nofile`
public record Ulimit(String name, long hard, long soft) {}
