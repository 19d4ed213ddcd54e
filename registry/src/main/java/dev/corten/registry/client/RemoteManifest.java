package dev.corten.registry.client;

import dev.corten.model.Digest;
import dev.corten.model.image.Descriptor;

/// A manifest as a registry gave it; its digest has been verified.
///
/// @param mediaType what the registry said it is
@SuppressWarnings("ArrayRecordComponent") // the bytes are the identity of a manifest
public record RemoteManifest(String mediaType, Digest digest, byte[] bytes) {
    public Descriptor descriptor() {
        return Descriptor.of(mediaType, digest, bytes.length);
    }
}
