package dev.corten.engine.push;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.model.image.MediaTypes;
import dev.corten.model.image.RegistryCredentials;
import dev.corten.store.document.Json;
import dev.corten.store.image.Distribution.Note;
import dev.corten.store.image.OutgoingImage;
import java.io.IOException;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.node.ObjectNode;

/// What a push knows afterwards of where layers are, as Docker writes it down.
final class MountHints {
    private static final String ALGORITHM = "HmacSHA256";

    private MountHints() {}

    /// @param repository to which all layers of the image have been sent
    static List<Note> of(OutgoingImage image, Reference repository, RegistryCredentials credentials)
            throws IOException {
        Mac mac = mac(credentials);
        String name = repository.domain() + "/" + repository.path();
        var notes = new ArrayList<Note>();
        for (OutgoingImage.Part layer : image.layers()) {
            Optional<Digest> diffId = layer.diffId();
            if (diffId.isPresent() && !MediaTypes.isForeign(layer.descriptor().mediaType())) {
                Digest blob = layer.descriptor().digest();
                byte[] told = mac.doFinal((blob + name).getBytes(UTF_8));
                notes.add(new Note(diffId.get(), blob, name, HexFormat.of().formatHex(told)));
            }
        }
        return notes;
    }

    /// The key is the digest of the credentials as Docker writes them.
    private static Mac mac(RegistryCredentials credentials) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        put(json, "username", credentials.username());
        put(json, "password", credentials.password());
        put(json, "identitytoken", credentials.identityToken());
        put(json, "registrytoken", credentials.registryToken());
        Digest key = Digest.of(asGoWrites(Json.MAPPER.writeValueAsString(json)).getBytes(UTF_8));
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key.toString().getBytes(US_ASCII), ALGORITHM));
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("this JVM has no " + ALGORITHM, e);
        }
    }

    private static String asGoWrites(String json) {
        return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }

    private static void put(ObjectNode json, String member, String value) {
        if (!value.isEmpty()) {
            json.put(member, value);
        }
    }
}
