package dev.corten.store.image;

import dev.corten.model.Digest;
import dev.corten.model.Reference;
import dev.corten.store.content.Content;
import dev.corten.store.image.Images.NewImage;
import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Images that a build has made, one for each platform, with all that a registry would have of them:
/// they can be sent as they are here, to the byte. Their layers are committed, and held, as are the
/// blobs of these.
///
/// @param members the one that the names mean first
/// @param target what the names stand for: an index, or the manifest of the only image; without it
///     a manifest is made when it is first sent
/// @param attestations manifests in the index that are no images
/// @param blobs of those
public record BuiltImages(
        List<Member> members,
        Optional<StoredManifest> target,
        List<StoredManifest> attestations,
        List<byte[]> blobs,
        List<Reference> names) {
    /// @param config the document
    /// @param parent the image that it was made from, if that is here
    /// @param manifest by which the target has it
    /// @param layers the blobs that the manifest names
    public record Member(
            byte[] config,
            Optional<Digest> parent,
            Optional<StoredManifest> manifest,
            List<Digest> layers) {
        public Member {
            layers = List.copyOf(layers);
        }
    }

    public BuiltImages {
        members = List.copyOf(members);
        attestations = List.copyOf(attestations);
        blobs = List.copyOf(blobs);
        names = List.copyOf(names);
    }

    List<NewImage> stored() {
        var images = new ArrayList<NewImage>();
        for (Member member : members) {
            Digest id = Digest.of(member.config());
            var image =
                    new NewImage(
                                    id,
                                    member.config(),
                                    ImageDocument.parse(
                                            "image configuration " + id, member.config()),
                                    images.isEmpty() ? names : List.of())
                            .withParent(member.parent());
            images.add(
                    target.isEmpty()
                            ? image
                            : image.as(target.get().descriptor(), documents(member), kept(member)));
        }
        return images;
    }

    private List<Digest> documents(Member member) {
        var documents = new ArrayList<Digest>();
        target.ifPresent(it -> documents.add(it.descriptor().digest()));
        member.manifest()
                .map(it -> it.descriptor().digest())
                .filter(it -> !documents.contains(it))
                .ifPresent(documents::add);
        return documents;
    }

    private List<Digest> kept(Member member) {
        var kept = new ArrayList<>(member.layers());
        attestations.forEach(it -> kept.add(it.descriptor().digest()));
        blobs.forEach(it -> kept.add(Digest.of(it)));
        return kept;
    }

    /// Writes the documents and the blobs of attestations.
    ///
    /// @return to be published and closed
    List<Content.Ingest> write(Content content) throws IOException {
        var written = new ArrayList<Content.Ingest>();
        boolean done = false;
        try {
            var all = new ArrayList<>(blobs);
            target.ifPresent(it -> all.add(it.bytes()));
            members.forEach(member -> member.manifest().ifPresent(it -> all.add(it.bytes())));
            attestations.forEach(it -> all.add(it.bytes()));
            for (byte[] bytes : all) {
                Content.Ingest ingest = content.ingest();
                written.add(ingest);
                ingest.out().write(bytes);
                Digest digest = Digest.of(bytes);
                ingest.verified(digest, digest);
            }
            done = true;
            return written;
        } finally {
            if (!done) {
                for (Content.Ingest ingest : written) {
                    ingest.close();
                }
            }
        }
    }
}
