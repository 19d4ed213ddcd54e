package dev.corten.cli.build.context;

import dev.corten.kernel.file.Stat;
import org.jspecify.annotations.Nullable;

/// What was seen of a file.
///
/// @param stat null: it is gone since its directory was read
/// @param attributes as they are sent
record Look(@Nullable Stat stat, byte[] attributes) {}
