package dev.corten.engine.pull;

import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import java.util.Optional;

/// What a client asks for.
///
/// @param name without tag and digest it means all tags
/// @param platform this host's if it is left out
public record PullRequest(
        Reference name, Optional<Platform> platform, RegistryCredentials credentials) {}
