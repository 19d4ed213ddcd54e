package dev.corten.cli.credential;

import dev.corten.cli.setup.ConfigFile;
import dev.corten.client.Json;
import dev.corten.model.image.RegistryCredentials;
import java.io.IOException;
import java.util.LinkedHashMap;

/// `auths` of `config.json`: readable for whoever reads the file.
final class FileStore implements CredentialStore {
    private static final String AUTHS = "auths";

    private final ConfigFile config;

    FileStore(ConfigFile config) {
        this.config = config;
    }

    @Override
    public RegistryCredentials get(String key) throws IOException {
        Json auths = config.get(AUTHS);
        if (!auths.get(key).isAbsent()) {
            return AuthEntry.read(key, auths.get(key));
        }
        // Older files have URLs where hosts are now.
        for (var entry : auths.members().entrySet()) {
            if (Credentials.host(entry.getKey()).equals(key)) {
                return AuthEntry.read(entry.getKey(), entry.getValue());
            }
        }
        return RegistryCredentials.NONE;
    }

    @Override
    public void store(RegistryCredentials credentials) throws IOException {
        String key = credentials.serverAddress();
        config.change(
                AUTHS,
                auths -> {
                    var entries = new LinkedHashMap<>(auths.members());
                    entries.put(key, AuthEntry.write(credentials, auths.get(key)));
                    return Json.object(entries);
                });
    }

    @Override
    public void erase(String key) throws IOException {
        if (config.get(AUTHS).get(key).isAbsent()) {
            return;
        }
        config.change(
                AUTHS,
                auths -> {
                    var entries = new LinkedHashMap<>(auths.members());
                    entries.remove(key);
                    return Json.object(entries);
                });
    }

    @Override
    public boolean isUnencrypted() {
        return true;
    }
}
