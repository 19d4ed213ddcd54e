package dev.corten.cli.credential;

import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.util.Map;

/// What the variable `CORTEN_AUTH_CONFIG` or `DOCKER_AUTH_CONFIG` says, before another store.
final class VariableStore implements CredentialStore {
    private final Map<String, RegistryCredentials> given;
    private final CredentialStore other;

    VariableStore(Map<String, RegistryCredentials> given, CredentialStore other) {
        this.given = given;
        this.other = other;
    }

    @Override
    public RegistryCredentials get(String key) throws IOException {
        RegistryCredentials credentials = given.get(key);
        return credentials == null ? other.get(key) : credentials;
    }

    @Override
    public void store(RegistryCredentials credentials) throws IOException {
        other.store(credentials);
    }

    @Override
    public void erase(String key) throws IOException {
        other.erase(key);
    }

    @Override
    public boolean isUnencrypted() {
        return other.isUnencrypted();
    }
}
