package dev.corten.engine.build.output;

import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.model.image.MediaTypes;
import dev.corten.store.document.Json;
import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A result in the form in which registries and layouts have it: manifests, an index if there is
/// more than one, the documents of attestations.
///
/// @param images in the order of the platforms
/// @param target the index, or the only manifest
/// @param attestations manifests of them
/// @param blobs of attestations, by digest
record Composition(
        List<Member> images,
        StoredManifest target,
        List<StoredManifest> attestations,
        Map<Digest, byte[]> blobs) {
    private static final String IN_TOTO = "application/vnd.in-toto+json";
    private static final Platform UNKNOWN = new Platform("unknown", "unknown", "");

    /// @param config its document
    record Member(
            Finished result, byte[] config, List<Descriptor> layers, StoredManifest manifest) {}

    boolean isIndex() {
        return images.size() != 1 || !images.getFirst().manifest().equals(target);
    }

    /// Says what is attested of a result.
    @FunctionalInterface
    interface Attested {
        List<Attestation> of(Finished result, List<Descriptor> layers)
                throws IOException, InterruptedException;
    }

    /// @param oci whether with OCI's media types where Docker has others
    /// @param index whether there shall be one in any case
    static Composition of(
            List<Image> results,
            LayerBlobs blobs,
            List<Reference> names,
            Annotations annotations,
            boolean oci,
            boolean index,
            Attested attested)
            throws IOException, InterruptedException {
        var members = new ArrayList<Member>();
        var descriptors = new ArrayList<Descriptor>();
        var attestations = new ArrayList<StoredManifest>();
        var attestationDescriptors = new ArrayList<Descriptor>();
        var extra = new LinkedHashMap<Digest, byte[]>();
        for (Image image : results) {
            Finished result = image.result();
            List<Descriptor> layers = blobs.of(result.diffIds());
            Digest id = Digest.of(image.config());
            StoredManifest manifest =
                    Documents.manifest(
                            oci,
                            Descriptor.of(MediaTypes.OCI_CONFIG, id, image.config().length),
                            layers,
                            annotations.manifest(result.platform()));
            members.add(new Member(result, image.config(), layers, manifest));
            descriptors.add(
                    Documents.described(
                            manifest.descriptor(),
                            Optional.of(result.platform()),
                            annotations.manifestDescriptor(result.platform())));
            List<Attestation> said = attested.of(result, layers);
            if (!said.isEmpty()) {
                StoredManifest about = attestation(said, names, result, manifest, extra);
                attestations.add(about);
                attestationDescriptors.add(
                        Documents.described(
                                about.descriptor(),
                                Optional.of(UNKNOWN),
                                Map.of(
                                        "vnd.docker.reference.digest",
                                        manifest.descriptor().digest().toString(),
                                        "vnd.docker.reference.type",
                                        "attestation-manifest")));
            }
        }
        descriptors.addAll(attestationDescriptors);
        StoredManifest target =
                index || descriptors.size() > 1
                        ? Documents.index(
                                members.getFirst()
                                        .manifest()
                                        .descriptor()
                                        .mediaType()
                                        .equals(MediaTypes.OCI_MANIFEST),
                                descriptors,
                                annotations.index())
                        : members.getFirst().manifest();
        return new Composition(members, target, attestations, extra);
    }

    /// A result with its document.
    record Image(Finished result, byte[] config) {}

    private static StoredManifest attestation(
            List<Attestation> said,
            List<Reference> names,
            Finished result,
            StoredManifest manifest,
            Map<Digest, byte[]> blobs) {
        var layers = new ArrayList<Descriptor>();
        ObjectNode config = Json.MAPPER.createObjectNode();
        config.put("architecture", "unknown");
        config.put("os", "unknown");
        config.putObject("config");
        ObjectNode rootfs = config.putObject("rootfs");
        rootfs.put("type", "layers");
        ArrayNode diffIds = rootfs.putArray("diff_ids");
        for (Attestation attestation : said) {
            byte[] statement =
                    attestation.statement(
                            names, result.platform(), Optional.of(manifest.descriptor().digest()));
            Digest digest = Digest.of(statement);
            blobs.put(digest, statement);
            diffIds.add(digest.toString());
            layers.add(
                    Documents.described(
                            Descriptor.of(IN_TOTO, digest, statement.length),
                            Optional.empty(),
                            Map.of("in-toto.io/predicate-type", attestation.predicateType())));
        }
        byte[] document = GoJson.compact(config);
        blobs.put(Digest.of(document), document);
        return Documents.manifest(
                true,
                Descriptor.of(MediaTypes.OCI_CONFIG, Digest.of(document), document.length),
                layers,
                Map.of());
    }
}
