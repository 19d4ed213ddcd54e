package dev.corten.cli.credential;

import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;

/// Keeps credentials under a registry's key: its host, or [Credentials#HUB].
public sealed interface CredentialStore permits FileStore, HelperStore, VariableStore {
    /// @return [RegistryCredentials#NONE] if there are none
    /// @throws IOException if it cannot be asked
    RegistryCredentials get(String key) throws IOException;

    /// Keeps them under their server's address.
    void store(RegistryCredentials credentials) throws IOException;

    /// Forgets them. That there are none is no error.
    void erase(String key) throws IOException;

    /// Whether somebody who reads the user's files reads a password that is stored here.
    boolean isUnencrypted();
}
