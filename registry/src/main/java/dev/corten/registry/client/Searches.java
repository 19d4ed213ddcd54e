package dev.corten.registry.client;

import dev.corten.model.Internal;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Upstream;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.store.document.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// Searches an index for images: version 1 of Docker's protocol, of which nothing else is left.
final class Searches {
    private static final URI HUB = URI.create("https://index.docker.io");
    private static final int MAX_ANSWER = 4 << 20;

    /// Gives the transport to an endpoint.
    @FunctionalInterface
    interface Opener {
        Transport open(Endpoint endpoint) throws IOException;
    }

    private final RegistrySettings settings;
    private final Opener opener;
    private final RegistryCredentials credentials;

    Searches(RegistrySettings settings, Opener opener, RegistryCredentials credentials) {
        this.settings = settings;
        this.opener = opener;
        this.credentials = credentials;
    }

    /// @param term `[host[:port]/]text`
    SearchPage search(String term, int limit) throws InterruptedException {
        if (term.startsWith("http://") || term.startsWith("https://")) {
            throw new InvalidParameter(
                    "invalid repository name: repository name ("
                            + term
                            + ") should not have a scheme");
        }
        int slash = term.indexOf('/');
        String first = slash < 0 ? "" : term.substring(0, slash);
        boolean elsewhere = first.contains(".") || first.contains(":") || first.equals("localhost");
        boolean hub = !elsewhere || first.equals("docker.io") || first.equals("index.docker.io");
        String text = elsewhere ? term.substring(slash + 1) : term;
        if (hub && text.startsWith("library/")) {
            text = text.substring("library/".length());
        }
        try {
            return ask(hub ? new Endpoint(HUB, false, true) : index(first), text, limit);
        } catch (RegistryFailure e) {
            throw e.translated();
        } catch (IOException e) {
            throw new Internal(String.valueOf(e.getMessage()), e);
        }
    }

    /// By HTTPS, or where nobody answers and that may be, by HTTP.
    private Endpoint index(String host) throws IOException, InterruptedException {
        List<Endpoint> endpoints = Endpoints.forPush(settings, host);
        Endpoint encrypted = endpoints.getFirst();
        String first;
        try {
            ping(encrypted);
            return encrypted;
        } catch (IOException e) {
            first = String.valueOf(e.getMessage());
        }
        if (endpoints.size() == 1) {
            throw new Unusable(
                    "invalid registry endpoint "
                            + encrypted.uri("/v1/")
                            + ": "
                            + first
                            + ". If this private registry supports only HTTP or HTTPS with an"
                            + " unknown CA certificate, please add `--insecure-registry "
                            + host
                            + "` to the daemon's arguments. In the case of HTTPS, if you have"
                            + " access to the registry's CA certificate, no need for the flag;"
                            + " simply place the CA certificate at /etc/docker/certs.d/"
                            + host
                            + "/ca.crt");
        }
        Endpoint plain = endpoints.getLast();
        try {
            ping(plain);
            return plain;
        } catch (IOException e) {
            throw new Unusable(
                    "invalid registry endpoint \""
                            + plain.uri("/v1/")
                            + "\". HTTPS attempt: "
                            + first
                            + ". HTTP attempt: "
                            + e.getMessage());
        }
    }

    private static final class Unusable extends RegistryFailure {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(400, "", message, java.util.Optional.empty());
        }

        @Override
        dev.corten.model.CortenException translated() {
            return new Upstream(400, message());
        }
    }

    private void ping(Endpoint endpoint) throws IOException, InterruptedException {
        // Whatever the answer is: somebody is there.
        try (Answer answer =
                opener.open(endpoint).send(Call.of("GET", endpoint.uri("/v1/_ping")))) {
            answer.status();
        }
    }

    private SearchPage ask(Endpoint endpoint, String text, int limit)
            throws IOException, InterruptedException {
        Call call =
                Call.of(
                                "GET",
                                endpoint.uri(
                                        "/v1/search?q="
                                                + URLEncoder.encode(text, StandardCharsets.UTF_8)
                                                + "&n="
                                                + limit))
                        .with("X-Docker-Token", "true");
        if (!credentials.username().isEmpty() && !credentials.password().isEmpty()) {
            String pair = credentials.username() + ":" + credentials.password();
            byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
            call = call.with("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
        }
        try (Answer answer = opener.open(endpoint).send(call)) {
            if (answer.status() != 200) {
                throw new Internal("Unexpected status code " + answer.status());
            }
            return read(answer.document("the answer to a search", MAX_ANSWER));
        }
    }

    private static SearchPage read(byte[] body) {
        var results = new ArrayList<SearchPage.Result>();
        try {
            Json json = Json.parse("the answer to a search", body).requireObject();
            for (Json one : json.member("results").map(Json::elements).orElse(List.of())) {
                results.add(
                        new SearchPage.Result(
                                one.text("name"),
                                one.text("description"),
                                one.number("star_count"),
                                one.flag("is_official"),
                                one.flag("is_automated")));
            }
        } catch (InvalidParameter e) {
            throw new Internal("error decoding registry search results: " + e.message(), e);
        }
        return new SearchPage(results);
    }
}
