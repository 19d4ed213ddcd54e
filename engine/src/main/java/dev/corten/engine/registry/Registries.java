package dev.corten.engine.registry;

import dev.corten.model.image.RegistryCredentials;
import dev.corten.registry.client.LoginResult;
import dev.corten.registry.client.RegistryClient;
import java.util.List;
import java.util.Optional;

/// Logins and searches.
public final class Registries {
    private final RegistryClient client;

    public Registries(RegistryClient client) {
        this.client = client;
    }

    /// @param identityToken to be shown instead of the password from now on; `""` if there is none
    public record Login(String status, String identityToken) {}

    /// @throws dev.corten.model.CortenException in Docker's words, if it is refused
    public Login login(RegistryCredentials credentials) throws InterruptedException {
        LoginResult result = client.login(credentials);
        return new Login(result.status(), result.identityToken());
    }

    /// An image that a search found.
    public record Found(String name, String description, long stars, boolean official) {}

    /// @param term `[host[:port]/]text`
    /// @param official whether only official images are meant, or only others
    /// @param stars at least so many
    public record Search(String term, int limit, Optional<Boolean> official, long stars) {}

    public List<Found> search(Search search, RegistryCredentials credentials)
            throws InterruptedException {
        return client.search(search.term(), search.limit(), credentials).results().stream()
                .map(r -> new Found(r.name(), r.description(), r.stars(), r.official()))
                .filter(found ->
                        search.official().map(o -> o == found.official()).orElse(true)
                                && found.stars() >= search.stars())
                .toList();
    }
}
