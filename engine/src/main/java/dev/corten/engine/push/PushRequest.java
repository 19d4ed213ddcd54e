package dev.corten.engine.push;

import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import java.util.Optional;

/// @param name without a tag, all tags are pushed
/// @param platform to send that image alone
public record PushRequest(
        Reference name, Optional<Platform> platform, RegistryCredentials credentials) {}
