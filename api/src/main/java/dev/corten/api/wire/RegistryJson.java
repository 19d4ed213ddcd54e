package dev.corten.api.wire;

import dev.corten.engine.system.Configuration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// The registries' part of `info`.
final class RegistryJson {
    private static final String HUB = "docker.io";
    private static final Pattern NETWORK = Pattern.compile("[0-9a-fA-F.:]+/\\d{1,3}");

    private RegistryJson() {}

    static void write(Json out, Configuration settings, ApiVersion version) {
        var networks = new ArrayList<String>();
        var names = new ArrayList<String>();
        for (String registry : settings.insecureRegistries()) {
            String bare = registry.replaceFirst("^https?://", "");
            (NETWORK.matcher(bare).matches() ? networks : names).add(bare);
        }
        networks.addAll(List.of("::1/128", "127.0.0.0/8"));
        List<String> mirrors =
                settings.registryMirrors().stream()
                        .map(mirror -> mirror.endsWith("/") ? mirror : mirror + "/")
                        .toList();
        if (!version.atLeast(47)) {
            out.none("AllowNondistributableArtifactsCIDRs")
                    .none("AllowNondistributableArtifactsHostnames");
        }
        out.object(
                        "IndexConfigs",
                        i -> {
                            i.object(HUB, d -> writeIndex(d, HUB, mirrors, true));
                            names.stream()
                                    .sorted()
                                    .forEach(name ->
                                            i.object(
                                                    name,
                                                    d -> writeIndex(d, name, List.of(), false)));
                        })
                .texts("InsecureRegistryCIDRs", networks)
                .texts("Mirrors", mirrors.isEmpty() ? null : mirrors);
    }

    private static void writeIndex(Json out, String name, List<String> mirrors, boolean official) {
        out.texts("Mirrors", mirrors)
                .text("Name", name)
                .flag("Official", official)
                .flag("Secure", official);
    }
}
