/// The settings of the registry server: Docker Registry's `config.yml`, and `REGISTRY_*` in the
/// environment over it. Start at [ServerSettings].
@NullMarked
package dev.corten.registry.server.settings;

import org.jspecify.annotations.NullMarked;
