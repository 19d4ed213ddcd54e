package dev.corten.registry.client;

import dev.corten.model.CortenException;
import dev.corten.model.Internal;
import dev.corten.model.Reference;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/// Finds out whether a registry knows somebody.
final class Logins {
    private Logins() {}

    /// The registry that an address means, as `login` takes it: with or without scheme and path.
    static String domain(String serverAddress) {
        String host = serverAddress.replaceFirst("^https?://", "").replaceFirst("/.*", "");
        boolean hub =
                host.isEmpty()
                        || host.equals("index.docker.io")
                        || host.equals("registry-1.docker.io");
        return hub ? Reference.DEFAULT_DOMAIN : host;
    }

    /// @throws CortenException in Docker's words
    static LoginResult login(List<Endpoint> endpoints, Sites.Opener opener)
            throws InterruptedException {
        IOException last = null;
        for (Endpoint endpoint : endpoints) {
            try {
                return login(opener.open(endpoint));
            } catch (RegistryFailure e) {
                if (e.code().equals(RegistryFailure.UNAUTHORIZED)) {
                    throw e.translated();
                }
                last = e;
            } catch (IOException e) {
                last = e;
            }
        }
        if (last instanceof RegistryFailure refusal) {
            throw refusal.translated();
        }
        throw last == null
                ? new Internal("no endpoints found")
                : new Internal(String.valueOf(last.getMessage()), last);
    }

    private static LoginResult login(Site site) throws IOException, InterruptedException {
        URI uri = site.endpoint().uri("/v2/");
        String identity = site.identityToken(uri);
        try (Answer answer = site.send(Call.of("GET", uri), List.of())) {
            if (answer.status() != 200) {
                throw new RegistryFailure(
                        answer.status(),
                        "",
                        "login attempt to "
                                + uri
                                + " failed with status: "
                                + RegistryFailure.reason(answer.status()),
                        java.util.Optional.empty());
            }
        }
        return new LoginResult("Login Succeeded", identity);
    }
}
