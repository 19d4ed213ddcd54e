package dev.corten.cli.manifest;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.image.ImageNames;
import dev.corten.client.Json;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;

/// `manifest inspect`: of a list that is made here, else of what the registry has.
public final class InspectManifest implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "insecure",
                        FlagType.BOOL,
                        "Allow communication with an insecure registry")
                .add(
                        'v',
                        "verbose",
                        FlagType.BOOL,
                        "Output additional info including layers and platform");
    }

    @Override
    public String about() {
        return ManifestHelp.about("inspect", "Display an image manifest, or manifest list");
    }

    @Override
    public Arity arity() {
        return Arity.between(1, 2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        boolean verbose = invocation.flags().isSet("verbose");
        List<String> arguments = invocation.arguments();
        Reference name = ImageNames.parse(arguments.getLast()).orLatest();
        var store = new ManifestStore(invocation.config().folder());
        if (arguments.size() == 2) {
            Reference list = ImageNames.parse(arguments.getFirst()).orLatest();
            Json image =
                    store.find(list, name)
                            .orElseThrow(() -> new Refusal("No such manifest: " + name));
            ManifestList.print(invocation, image(image, verbose));
            return 0;
        }
        if (store.exists(name)) {
            ManifestList.print(invocation, list(store.images(name), verbose));
            return 0;
        }
        var remote = new RemoteManifests(invocation);
        RemoteManifests.Document document = remote.get(name);
        if (!document.isIndex()) {
            Json shown = verbose ? remote.image(name) : document.json();
            ManifestList.print(invocation, ManifestList.tabbed(shown));
        } else if (verbose) {
            ManifestList.print(invocation, list(remote.images(document), true));
        } else {
            ManifestList.print(invocation, ManifestList.bytes(members(document.json())));
        }
        return 0;
    }

    /// The members of an index in the form in which a list keeps images.
    private static List<Json> members(Json index) {
        var images = new ArrayList<Json>();
        for (Json member : index.get("manifests").items()) {
            var image = new LinkedHashMap<String, Json>();
            image.put("Descriptor", member);
            images.add(Json.object(image));
        }
        return images;
    }

    private static byte[] image(Json image, boolean verbose) throws IOException {
        byte[] raw = Base64.getDecoder().decode(image.get("Raw").text(""));
        return ManifestList.tabbed(verbose ? image : Json.parse(raw));
    }

    private static byte[] list(List<Json> images, boolean verbose) {
        return verbose ? ManifestList.tabbed(Json.array(images)) : ManifestList.bytes(images);
    }
}
