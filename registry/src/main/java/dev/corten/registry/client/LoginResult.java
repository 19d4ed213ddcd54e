package dev.corten.registry.client;

/// That a registry knows who we are.
///
/// @param identityToken to be shown instead of the password from now on; `""` if there is none
public record LoginResult(String status, String identityToken) {}
