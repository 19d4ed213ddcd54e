package dev.corten.engine.build.output;

import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.store.document.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What is said of a result, by the conventions of in-toto.
///
/// @param file of it among the files of a result
record Attestation(String predicateType, String file, JsonNode predicate) {
    private static final String STATEMENT = "https://in-toto.io/Statement/v0.1";

    /// About a manifest.
    byte[] statement(List<Reference> names, Platform platform, Optional<Digest> manifest) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("_type", STATEMENT);
        json.put("predicateType", predicateType);
        ArrayNode subjects = json.putArray("subject");
        for (Reference name : names) {
            ObjectNode subject = subjects.addObject();
            subject.put("name", packageUrl(name, Optional.of(platform)));
            manifest.ifPresent(digest -> subject.putObject("digest").put("sha256", digest.hex()));
        }
        json.set("predicate", predicate);
        return GoJson.compact(json);
    }

    /// The name of an image in the words of package URLs.
    static String packageUrl(Reference name, Optional<Platform> platform) {
        var url = new StringBuilder("pkg:docker/").append(name.familiarRepository());
        name.tag()
                .or(() -> name.digest().isPresent() ? Optional.empty() : Optional.of("latest"))
                .ifPresent(tag -> url.append('@').append(tag));
        String separator = "?";
        if (name.digest().isPresent()) {
            url.append("?digest=").append(name.digest().get());
            separator = "&";
        }
        if (platform.isPresent()) {
            url.append(separator)
                    .append("platform=")
                    .append(URLEncoder.encode(platform.get().toString(), StandardCharsets.UTF_8));
        }
        return url.toString();
    }
}
