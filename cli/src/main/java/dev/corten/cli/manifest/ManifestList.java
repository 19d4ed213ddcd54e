package dev.corten.cli.manifest;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Refusal;
import dev.corten.client.Json;
import dev.corten.client.JsonIndent;
import dev.corten.model.Reference;
import dev.corten.model.image.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/// The index that images of several platforms make together, to the byte as Docker's command line
/// writes it: its digest depends on the layout.
final class ManifestList {
    private static final String INDENT = "   ";

    private ManifestList() {}

    /// @param images as a list keeps them
    static byte[] bytes(List<Json> images) {
        return JsonIndent.indent(
                json(images).toString().getBytes(StandardCharsets.UTF_8), "", INDENT);
    }

    static String mediaType(List<Json> images) {
        boolean oci =
                !images.isEmpty()
                        && images.getFirst()
                                .get("Descriptor")
                                .get("mediaType")
                                .text("")
                                .equals(MediaTypes.OCI_MANIFEST);
        return oci ? MediaTypes.OCI_INDEX : MediaTypes.DOCKER_LIST;
    }

    private static Json json(List<Json> images) {
        var manifests = new ArrayList<Json>();
        for (Json image : images) {
            Json descriptor = image.get("Descriptor");
            var member = new LinkedHashMap<String, Json>();
            for (String name : new String[] {"mediaType", "size", "digest", "platform"}) {
                if (!descriptor.get(name).isAbsent()) {
                    member.put(name, descriptor.get(name));
                }
            }
            manifests.add(Json.object(member));
        }
        var list = new LinkedHashMap<String, Json>();
        list.put("schemaVersion", Json.number(2));
        list.put("mediaType", Json.string(mediaType(images)));
        list.put("manifests", Json.array(manifests));
        return Json.object(list);
    }

    /// Prints a document with a line end.
    static void print(Invocation invocation, byte[] document) throws IOException {
        var out = invocation.console().out();
        out.write(document);
        out.write('\n');
        out.flush();
    }

    static byte[] tabbed(Json json) {
        return JsonIndent.indent(json.toString().getBytes(StandardCharsets.UTF_8), "", "\t");
    }

    /// @throws Refusal if the images cannot be a list of that name
    static void check(List<Json> images, Reference list) {
        for (Json image : images) {
            String name = image.get("Ref").text("");
            Json platform = image.get("Descriptor").get("platform");
            if (platform.get("os").text("").isEmpty()
                    || platform.get("architecture").text("").isEmpty()) {
                throw new Refusal(
                        "manifest "
                                + name
                                + " must have an OS and Architecture to be pushed to a registry");
            }
            String domain = Reference.parse(name).domain();
            if (!domain.equals(list.domain())) {
                throw new Refusal(
                        "cannot use source images from a different registry than the target"
                                + " image: "
                                + domain
                                + " != "
                                + list.domain());
            }
        }
    }
}
