package dev.corten.engine.build.output;

import dev.corten.model.Reference;
import dev.corten.model.image.RegistryCredentials;
import java.util.List;
import java.util.Map;

/// Finds what a client has for a registry, however it names that.
public final class Credentials {
    private Credentials() {}

    /// @param credentials by the names that clients give to registries
    public static RegistryCredentials of(
            Map<String, RegistryCredentials> credentials, String domain) {
        List<String> keys =
                domain.equals(Reference.DEFAULT_DOMAIN)
                        ? List.of(
                                "https://index.docker.io/v1/",
                                "index.docker.io",
                                domain,
                                "registry-1.docker.io")
                        : List.of(domain, "https://" + domain, "http://" + domain);
        return keys.stream()
                .filter(credentials::containsKey)
                .findFirst()
                .map(credentials::get)
                .orElse(RegistryCredentials.NONE);
    }
}
