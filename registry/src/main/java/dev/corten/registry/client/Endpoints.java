package dev.corten.registry.client;

import dev.corten.model.Reference;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/// Which addresses a registry's name stands for, in the order in which they are tried.
final class Endpoints {
    private static final URI HUB = URI.create("https://registry-1.docker.io");

    private Endpoints() {}

    /// For pulls: the mirrors first.
    static List<Endpoint> forPull(RegistrySettings settings, String domain) {
        var endpoints = new ArrayList<Endpoint>();
        if (isHub(domain)) {
            for (URI mirror : settings.mirrors()) {
                String text = mirror.toString();
                URI base =
                        URI.create(
                                text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
                endpoints.add(
                        new Endpoint(
                                base,
                                true,
                                !InsecureNames.contain(settings, base.getRawAuthority())));
            }
        }
        endpoints.addAll(forPush(settings, domain));
        return List.copyOf(endpoints);
    }

    /// For pushes and logins: the registry itself, by HTTPS and then, if it may be insecure, by HTTP.
    static List<Endpoint> forPush(RegistrySettings settings, String domain) {
        if (isHub(domain)) {
            return List.of(new Endpoint(HUB, false, true));
        }
        boolean insecure = InsecureNames.contain(settings, domain);
        var encrypted = new Endpoint(URI.create("https://" + domain), false, !insecure);
        return insecure
                ? List.of(encrypted, new Endpoint(URI.create("http://" + domain), false, false))
                : List.of(encrypted);
    }

    private static boolean isHub(String domain) {
        return domain.equals(Reference.DEFAULT_DOMAIN) || domain.equals("index.docker.io");
    }
}
