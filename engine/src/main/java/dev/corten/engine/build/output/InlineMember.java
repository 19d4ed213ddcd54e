package dev.corten.engine.build.output;

import dev.corten.model.InvalidParameter;
import dev.corten.store.document.Json;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What an image's configuration tells of the cache of the build that made it: a member of its own,
/// as BuildKit has one.
public final class InlineMember {
    private static final String NAME = "corten.cache.v1";

    private InlineMember() {}

    static byte[] add(byte[] config, Optional<byte[]> cache) {
        if (cache.isEmpty()) {
            return config;
        }
        ObjectNode json = (ObjectNode) Json.MAPPER.readTree(config);
        json.put(NAME, Base64.getEncoder().encodeToString(cache.get()));
        return Json.MAPPER.writeValueAsBytes(json);
    }

    /// @return what [#add] was given
    /// @throws InvalidParameter if the configuration is damaged
    public static Optional<byte[]> find(byte[] config) {
        try {
            JsonNode member = Json.MAPPER.readTree(config).get(NAME);
            return member == null || !member.isString()
                    ? Optional.empty()
                    : Optional.of(Base64.getDecoder().decode(member.stringValue()));
        } catch (JacksonException | IllegalArgumentException e) {
            throw new InvalidParameter("image configuration is damaged: " + e.getMessage(), e);
        }
    }
}
