package dev.corten.build.step;

import dev.corten.build.cache.CacheMounts;
import dev.corten.build.work.ClientFiles;
import java.nio.file.Path;

/// What the mounts of commands are made of.
///
/// @param temporary a directory for what comes and goes
public record RunSources(CacheMounts caches, ClientFiles client, Path temporary) {}
