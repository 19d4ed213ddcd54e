package dev.corten.cli.manifest;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.image.ImageNames;
import dev.corten.client.Json;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// `manifest push`: what the list names, where the repository lacks it, and then the list.
public final class PushManifest implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "insecure",
                        FlagType.BOOL,
                        "Allow push to an insecure registry")
                .add('p', "purge", FlagType.BOOL, "Remove the local manifest list after push");
    }

    @Override
    public String about() {
        return ManifestHelp.about("push", "Push a manifest list to a repository");
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Reference list = ImageNames.parse(invocation.arguments().getFirst()).orLatest();
        var store = new ManifestStore(invocation.config().folder());
        if (!store.exists(list)) {
            throw new Refusal("No such manifest: " + list);
        }
        List<Json> images = store.images(list);
        if (images.isEmpty()) {
            throw new Refusal(list + " not found");
        }
        ManifestList.check(images, list);
        var remote = new RemoteManifests(invocation);
        Output out = invocation.out();
        for (Json image : images) {
            Reference name = Reference.parse(image.get("Ref").text(""));
            if (!name.repository().equals(list.repository())) {
                push(remote, image, name, list, out);
            }
        }
        String digest =
                remote.put(list, ManifestList.mediaType(images), ManifestList.bytes(images));
        out.line(digest).flush();
        if (invocation.flags().isSet("purge")) {
            store.remove(list);
        }
        return 0;
    }

    private static void push(
            RemoteManifests remote, Json image, Reference name, Reference list, Output out)
            throws IOException {
        byte[] raw = Base64.getDecoder().decode(image.get("Raw").text(""));
        Json manifest = Json.parse(raw);
        var blobs = new ArrayList<>(manifest.get("layers").items());
        blobs.add(manifest.get("config"));
        for (Json blob : blobs) {
            String digest = blob.get("digest").text("");
            if (!remote.mount(name, list, digest)) {
                throw new Refusal(
                        "error mounting " + name.repository() + "@" + digest + " to " + list);
            }
        }
        Json descriptor = image.get("Descriptor");
        Reference target =
                Reference.parse(list.repository() + "@" + descriptor.get("digest").text(""));
        String digest = remote.put(target, descriptor.get("mediaType").text(""), raw);
        out.line("Pushed ref " + target + " with digest: " + digest).flush();
    }
}
