package dev.corten.engine.build.output;

import dev.corten.build.solve.Listener;
import dev.corten.engine.event.Events;
import dev.corten.engine.push.PushMessage;
import dev.corten.engine.push.PushRequest;
import dev.corten.engine.push.Pushes;
import dev.corten.model.Digest;
import dev.corten.model.Platform;
import dev.corten.model.Reference;
import dev.corten.model.image.Descriptor;
import dev.corten.store.Store;
import dev.corten.store.image.BuiltImages;
import dev.corten.store.image.Images.StoredManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/// One output that is an image in the store, from where it is pushed.
final class StoredOutput {
    private final Store store;
    private final Pushes pushes;
    private final Events events;
    private final ExportRequest request;
    private final ImageOutput output;
    private final Attestations attestations;

    StoredOutput(
            Store store,
            Pushes pushes,
            Events events,
            ExportRequest request,
            ImageOutput output,
            Attestations attestations) {
        this.store = store;
        this.pushes = pushes;
        this.events = events;
        this.request = request;
        this.output = output;
        this.attestations = attestations;
    }

    /// @return the ID of the image that the names mean
    Digest export(
            List<Composition.Image> images, Listener listener, SortedMap<String, String> metadata)
            throws IOException, InterruptedException {
        boolean plain =
                images.size() == 1
                        && !request.severalPlatforms()
                        && !output.needsManifest()
                        && !Attestations.isWanted(request.attestations());
        Digest id =
                ExportStep.of(
                        listener,
                        "exporting to image",
                        step ->
                                plain
                                        ? plain(images.getFirst(), step, metadata)
                                        : composed(images, step, metadata));
        for (Reference name : output.names()) {
            events.publish("image", "tag", id.toString(), Map.of("name", name.familiar()));
        }
        if (output.push()) {
            for (Reference name : output.names()) {
                push(name, listener);
            }
        }
        return id;
    }

    /// Without a manifest: one is made when it is pushed.
    private Digest plain(
            Composition.Image image, ExportStep step, SortedMap<String, String> metadata)
            throws IOException, InterruptedException {
        // An image must not be there without its layers, even after a power cut.
        step.part("exporting layers", _ -> settled());
        Digest id = Digest.of(image.config());
        store.images()
                .addBuilt(
                        new BuiltImages(
                                List.of(member(image, Optional.empty(), List.of())),
                                Optional.empty(),
                                List.of(),
                                List.of(),
                                output.names()));
        step.done("writing image " + id);
        output.names().forEach(name -> step.done("naming to " + shown(name)));
        metadata.put("containerimage.config.digest", Exports.text(id.toString()));
        metadata.put("containerimage.digest", Exports.text(id.toString()));
        Exports.names(output, metadata);
        return id;
    }

    /// As people write it: a tag that they need not write is not shown.
    private static String shown(Reference name) {
        return name.toString().replaceFirst(":latest$", "");
    }

    private boolean settled() throws IOException {
        store.layers().settle();
        return true;
    }

    private static BuiltImages.Member member(
            Composition.Image image, Optional<StoredManifest> manifest, List<Digest> layers) {
        return new BuiltImages.Member(
                image.config(), image.result().image().parent(), manifest, layers);
    }

    private Digest composed(
            List<Composition.Image> images, ExportStep step, SortedMap<String, String> metadata)
            throws IOException, InterruptedException {
        try (var blobs = new LayerBlobs(store, output.form())) {
            Composition composition =
                    step.part(
                            "exporting layers",
                            _ ->
                                    Composition.of(
                                            images,
                                            blobs,
                                            output.names(),
                                            output.annotations(),
                                            output.oci().orElse(true),
                                            request.severalPlatforms()
                                                    || output.annotations().needIndex(),
                                            attestations::of));
            tell(composition, step);
            var members = new ArrayList<BuiltImages.Member>();
            for (Composition.Member image : composition.images()) {
                members.add(
                        member(
                                new Composition.Image(image.result(), image.config()),
                                Optional.of(image.manifest()),
                                image.layers().stream()
                                        .map(Descriptor::digest)
                                        .filter(layer -> !blobs.isPlain(layer))
                                        .toList()));
            }
            int main = main(images);
            members.addFirst(members.remove(main));
            StoredManifest target = composition.target();
            List<Reference> names = names(target.descriptor());
            settled();
            store.images()
                    .addBuilt(
                            new BuiltImages(
                                    members,
                                    Optional.of(target),
                                    composition.attestations(),
                                    List.copyOf(composition.blobs().values()),
                                    names));
            names.forEach(name -> step.done("naming to " + shown(name)));
            Exports.describe(composition, output, metadata);
            return Digest.of(members.getFirst().config());
        }
    }

    /// The image of this host, or else the first.
    private static int main(List<Composition.Image> images) {
        for (int i = 0; i < images.size(); i++) {
            if (Platform.host().covers(images.get(i).result().platform())) {
                return i;
            }
        }
        return 0;
    }

    private List<Reference> names(Descriptor target) {
        if (output.danglingPrefix().isEmpty()) {
            return output.names();
        }
        Reference prefix = Reference.parse(output.danglingPrefix().get());
        return List.of(
                new Reference(
                        prefix.domain(),
                        prefix.path(),
                        Optional.empty(),
                        Optional.of(target.digest())));
    }

    static void tell(Composition composition, ExportStep step) {
        for (Composition.Member image : composition.images()) {
            step.done("exporting manifest " + image.manifest().descriptor().digest());
            step.done("exporting config " + Digest.of(image.config()));
        }
        for (StoredManifest about : composition.attestations()) {
            step.done("exporting attestation manifest " + about.descriptor().digest());
        }
        if (composition.isIndex()) {
            step.done("exporting manifest list " + composition.target().descriptor().digest());
        }
    }

    // --- to a registry

    private void push(Reference name, Listener listener) throws IOException, InterruptedException {
        ExportStep.of(
                listener,
                "pushing " + name.familiar() + " with corten",
                step -> {
                    pushes.push(
                            new PushRequest(
                                    name,
                                    Optional.empty(),
                                    Credentials.of(request.credentials(), name.domain())),
                            message -> tell(message, step));
                    return true;
                });
    }

    private static void tell(PushMessage message, ExportStep step) {
        switch (message) {
            case PushMessage.Progress(String id, String _, long current, long total) ->
                    step.progress("pushing layer " + id, current, total, false);
            case PushMessage.Step(String id, String text) -> {
                boolean done = !text.equals("Preparing") && !text.equals("Waiting");
                step.progress("pushing layer " + id, 0, 0, done);
            }
            case PushMessage.Pushed(String tag, Digest digest, long _) ->
                    step.done("pushing manifest for " + tag + "@" + digest);
            case PushMessage.Note _, PushMessage.InsteadOfIndex _ -> {}
        }
    }
}
