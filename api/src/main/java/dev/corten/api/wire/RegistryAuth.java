package dev.corten.api.wire;

import dev.corten.model.InvalidParameter;
import dev.corten.model.image.RegistryCredentials;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What clients show a registry: the header `X-Registry-Auth`, and the body of `POST /auth`, which is
/// the same JSON.
public final class RegistryAuth {
    public static final String HEADER = "X-Registry-Auth";

    /// More than any token in use; identity tokens of cloud registries have some kilobytes.
    private static final int MAX_LENGTH = 1 << 20;

    private RegistryAuth() {}

    /// The credentials of a header, which is base64 of JSON, in the alphabet of URLs or the common one,
    /// padded or not.
    ///
    /// @param header null if the request has none
    /// @return nothing if it cannot be understood: Docker ignores such a one for pull and push
    public static Optional<RegistryCredentials> decode(@Nullable String header) {
        if (header == null || header.isBlank() || header.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            return Optional.of(read(JsonInput.parse(base64(header.strip()))));
        } catch (IllegalArgumentException | InvalidParameter notUnderstood) {
            return Optional.empty();
        }
    }

    /// The credentials of `X-Registry-Config`, by registry: likewise.
    public static Map<String, RegistryCredentials> decodeAll(@Nullable String header) {
        if (header == null || header.isBlank() || header.length() > MAX_LENGTH) {
            return Map.of();
        }
        try {
            String json = new String(base64(header.strip()), StandardCharsets.UTF_8);
            var all =
                    JsonInput.parse(("{\"\":" + json + "}").getBytes(StandardCharsets.UTF_8))
                            .objectsByKey("", RegistryAuth::read);
            return all == null ? Map.of() : all;
        } catch (IllegalArgumentException | InvalidParameter notUnderstood) {
            return Map.of();
        }
    }

    /// The body of `POST /auth`.
    ///
    /// @throws InvalidParameter if a member is of the wrong type
    public static RegistryCredentials read(JsonInput in) {
        String username = in.text("username");
        String password = in.text("password");
        String both = in.text("auth");
        if (username.isEmpty() && password.isEmpty() && !both.isEmpty()) {
            String plain = new String(base64Of(both), StandardCharsets.UTF_8);
            int colon = plain.indexOf(':');
            if (colon > 0) {
                username = plain.substring(0, colon);
                password = plain.substring(colon + 1);
            }
        }
        return new RegistryCredentials(
                username,
                password,
                in.text("serveraddress"),
                in.text("identitytoken"),
                in.text("registrytoken"));
    }

    private static byte[] base64Of(String text) {
        try {
            return base64(text.strip());
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter("invalid auth configuration: auth is not base64", e);
        }
    }

    private static byte[] base64(String text) {
        String unpadded = text.replaceFirst("=+$", "");
        return Base64.getUrlDecoder().decode(unpadded.replace('+', '-').replace('/', '_'));
    }
}
