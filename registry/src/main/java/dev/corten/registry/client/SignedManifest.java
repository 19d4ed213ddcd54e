package dev.corten.registry.client;

import dev.corten.model.InvalidParameter;
import dev.corten.store.document.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/// The signed form of schema 1: its digest is that of the text without the signatures, which says
/// how to find that text.
final class SignedManifest {
    private SignedManifest() {}

    /// @throws InvalidParameter if it is not signed
    static byte[] payload(byte[] signed) {
        Json json = Json.parse("manifest", signed).requireObject();
        List<Json> signatures = json.require("signatures").elements();
        if (signatures.isEmpty()) {
            throw new InvalidParameter("manifest: no signatures");
        }
        try {
            byte[] header = decoded(signatures.getFirst().text("protected"));
            Json how = Json.parse("manifest: protected", header).requireObject();
            long length = how.number("formatLength");
            byte[] tail = decoded(how.text("formatTail"));
            if (length < 0 || length > signed.length) {
                throw new InvalidParameter("manifest: formatLength " + length);
            }
            byte[] payload = Arrays.copyOf(signed, (int) length + tail.length);
            System.arraycopy(tail, 0, payload, (int) length, tail.length);
            return payload;
        } catch (IllegalArgumentException e) {
            throw new InvalidParameter("manifest: protected is no base64", e);
        }
    }

    private static byte[] decoded(String base64) {
        return Base64.getUrlDecoder()
                .decode(base64.replace("=", "").getBytes(StandardCharsets.US_ASCII));
    }
}
