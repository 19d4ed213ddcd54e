package dev.corten.model.image;

/// What a client shows a registry, as `X-Registry-Auth` and `config.json` carry it; each part is `""`
/// if it is not there.
///
/// @param identityToken a refresh token, instead of a password
/// @param registryToken a bearer token, used as it is
public record RegistryCredentials(
        String username,
        String password,
        String serverAddress,
        String identityToken,
        String registryToken) {
    public static final RegistryCredentials NONE = new RegistryCredentials("", "", "", "", "");

    /// Whether a registry would be asked as nobody in particular.
    public boolean isAnonymous() {
        return username.isEmpty() && identityToken.isEmpty() && registryToken.isEmpty();
    }

    /// Without the secrets: this may come into a log.
    @Override
    public String toString() {
        return "RegistryCredentials[" + username + "@" + serverAddress + "]";
    }
}
