package dev.corten.engine.build.output;

import dev.corten.engine.build.output.ExportRequest.Target;
import dev.corten.model.InvalidParameter;
import dev.corten.model.NotImplemented;
import dev.corten.model.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What is asked of an output that is an image, here, in a registry or in an archive.
///
/// @param oci empty: whatever suits
record ImageOutput(
        List<Reference> names,
        boolean push,
        Optional<String> danglingPrefix,
        Optional<Boolean> oci,
        LayerBlobs.Form form,
        Annotations annotations) {
    /// @throws InvalidParameter in BuildKit's words
    static ImageOutput of(Target target, ExportRequest request) {
        var attributes = new Attributes(target.attributes());
        boolean push = attributes.flag("push", false) || target.type().equals("registry");
        List<Reference> names =
                attributes
                        .text("name")
                        .filter(text -> !text.isEmpty())
                        .map(text ->
                                Arrays.stream(text.split(",", -1))
                                        .map(name -> Reference.parse(name).orLatest())
                                        .toList())
                        .orElse(request.names());
        if (push && names.isEmpty()) {
            throw new InvalidParameter("tag is needed when pushing to registry");
        }
        if (!attributes.flag("store", true)) {
            throw new NotImplemented(
                    "store=false is not supported: an image is pushed from the store");
        }
        if (attributes.flag("push-by-digest", false)) {
            throw new NotImplemented("push-by-digest is not supported");
        }
        if (attributes.flag("registry.insecure", false)) {
            throw new NotImplemented(
                    "registry.insecure is not supported: name the registry in insecure-registries"
                            + " of the daemon's configuration");
        }
        attributes.flag("unpack", true); // always done; only its spelling is looked at
        return new ImageOutput(
                names,
                push,
                attributes.text("dangling-name-prefix").filter(it -> names.isEmpty()),
                attributes.text("oci-mediatypes").isPresent()
                        ? Optional.of(attributes.flag("oci-mediatypes", true))
                        : Optional.empty(),
                LayerBlobs.Form.of(attributes),
                new Annotations(request.annotations(), target.attributes()));
    }

    /// Whether the image needs a manifest before it is pushed.
    boolean needsManifest() {
        return oci.isPresent()
                || danglingPrefix.isPresent()
                || !form.isUsual()
                || !annotations.isEmpty();
    }
}
