package dev.corten.registry.client;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/// One address of a registry, as one user reaches it.
final class Site {
    private static final String AUTHORIZATION = "Authorization";

    private final Endpoint endpoint;
    private final Transport transport;
    private final Access access;
    private final Greetings greetings;

    Site(Endpoint endpoint, Transport transport, Access access, Greetings greetings) {
        this.endpoint = endpoint;
        this.transport = transport;
        this.access = access;
        this.greetings = greetings;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /// Asks what the registry wants to be shown, unless that is known.
    List<Challenge> greet() throws IOException, InterruptedException {
        Optional<List<Challenge>> known = greetings.known(endpoint);
        if (known.isPresent()) {
            return known.get();
        }
        try (Answer answer = transport.send(Call.of("GET", endpoint.uri("/v2/")))) {
            List<Challenge> challenges = challenges(answer);
            greetings.remember(endpoint, challenges);
            return challenges;
        }
    }

    private static List<Challenge> challenges(Answer answer) {
        return answer.status() == 401 ? Challenge.parse(answer.all("WWW-Authenticate")) : List.of();
    }

    /// Sends a request, with what the registry wants to be shown. Once more if that was refused: a
    /// token may have expired or been withdrawn; twice is a no.
    ///
    /// @return whatever the answer is; the caller closes it
    Answer send(Call call, List<String> scopes) throws IOException, InterruptedException {
        return send(call, scopes, call.method());
    }

    /// @param named the method that a failure to show who we are is told with
    Answer send(Call call, List<String> scopes, String named)
            throws IOException, InterruptedException {
        List<Challenge> challenges = greet();
        Optional<String> shown;
        try {
            shown = authorization(call.uri(), challenges, scopes, named);
        } catch (RegistryFailure | TransportFailure e) {
            // It may have ceased to ask for what we do not have, or have it asked for elsewhere.
            if (greetings.isNew(endpoint)) {
                throw e;
            }
            List<Challenge> now = greetAgain();
            if (now.equals(challenges)) {
                throw e;
            }
            shown = authorization(call.uri(), now, scopes, named);
        }
        for (boolean again = true; ; again = false) {
            Answer answer = sendNow(shown.map(s -> call.with(AUTHORIZATION, s)).orElse(call));
            if (answer.status() != 401 || !again) {
                return answer;
            }
            List<Challenge> wanted = challenges(answer);
            if (wanted.isEmpty() || !access.refused(wanted, scopes, shown)) {
                return answer;
            }
            answer.close();
            greetings.remember(endpoint, wanted);
            shown = authorization(call.uri(), wanted, scopes, named);
        }
    }

    private Answer sendNow(Call call) throws IOException, InterruptedException {
        try {
            return transport.send(call);
        } catch (TransportFailure e) {
            greetings.forget(endpoint);
            throw e;
        }
    }

    private Optional<String> authorization(
            URI uri, List<Challenge> challenges, List<String> scopes, String named)
            throws IOException, InterruptedException {
        try {
            return access.authorization(challenges, scopes);
        } catch (RegistryFailure e) {
            throw e.in(GoWords.of(named, uri, e.message()));
        } catch (TransportFailure e) {
            throw new TransportFailure(e.kind(), GoWords.of(named, uri, e.message()), e);
        }
    }

    /// Sends one that is for somebody else, to whom we are nobody.
    Answer sendAnonymously(Call call) throws IOException, InterruptedException {
        return transport.send(call);
    }

    /// A token that stands for the password: see [Access#identityToken].
    ///
    /// @param uri what is asked for with it, for the message of a failure
    String identityToken(URI uri) throws IOException, InterruptedException {
        List<Challenge> challenges = greetAgain();
        try {
            return access.identityToken(challenges);
        } catch (RegistryFailure e) {
            throw e.in(GoWords.of("GET", uri, e.message()));
        } catch (TransportFailure e) {
            throw new TransportFailure(e.kind(), GoWords.of("GET", uri, e.message()), e);
        }
    }

    private List<Challenge> greetAgain() throws IOException, InterruptedException {
        greetings.forget(endpoint);
        return greet();
    }
}
