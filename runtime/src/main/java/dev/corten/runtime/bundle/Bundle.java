package dev.corten.runtime.bundle;

import dev.corten.model.oci.Spec;

/// A directory with `config.json`, read.
///
/// @param directory absolute
/// @param version what the file says that it follows
/// @param rootfs absolute
public record Bundle(String directory, String version, String rootfs, Spec spec, Hooks hooks) {}
