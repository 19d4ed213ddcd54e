package dev.corten.cli.manifest;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.image.ImageNames;
import dev.corten.client.Json;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Set;

/// `manifest annotate`: says for which platform an image of a list is.
public final class AnnotateManifest implements Command {
    private static final Set<String> KNOWN =
            Set.of(
                    "darwin/386",
                    "darwin/amd64",
                    "darwin/arm",
                    "darwin/arm64",
                    "dragonfly/amd64",
                    "freebsd/386",
                    "freebsd/amd64",
                    "freebsd/arm",
                    "linux/386",
                    "linux/amd64",
                    "linux/arm",
                    "linux/arm64",
                    "linux/ppc64le",
                    "linux/mips64",
                    "linux/mips64le",
                    "linux/riscv64",
                    "linux/s390x",
                    "netbsd/386",
                    "netbsd/amd64",
                    "netbsd/arm",
                    "openbsd/386",
                    "openbsd/amd64",
                    "openbsd/arm",
                    "plan9/386",
                    "plan9/amd64",
                    "solaris/amd64",
                    "windows/386",
                    "windows/amd64");

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(FlagTable.NONE, "arch", FlagType.STRING, "Set architecture")
                .add(FlagTable.NONE, "os", FlagType.STRING, "Set operating system")
                .add(
                        FlagTable.NONE,
                        "os-features",
                        FlagType.STRINGS,
                        "Set operating system feature")
                .add(FlagTable.NONE, "os-version", FlagType.STRING, "Set operating system version")
                .add(FlagTable.NONE, "variant", FlagType.STRING, "Set architecture variant");
    }

    @Override
    public String about() {
        return ManifestHelp.about(
                "annotate", "Add additional information to a local image manifest");
    }

    @Override
    public Arity arity() {
        return Arity.exactly(2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String listName = invocation.arguments().get(0);
        String imageName = invocation.arguments().get(1);
        Reference list = ImageNames.parse(listName).orLatest();
        Reference image = ImageNames.parse(imageName).orLatest();
        var store = new ManifestStore(invocation.config().folder());
        Json entry =
                store.find(list, image)
                        .orElseThrow(() ->
                                new Refusal(
                                        "manifest for image "
                                                + imageName
                                                + " does not exist in "
                                                + listName));
        Json platform = annotated(entry.get("Descriptor").get("platform"), flags);
        String pair = platform.get("os").text("") + "/" + platform.get("architecture").text("");
        if (!KNOWN.contains(pair)) {
            throw new Refusal(
                    "manifest entry for image has unsupported os/arch combination: "
                            + flags.text("os")
                            + "/"
                            + flags.text("arch"));
        }
        var descriptor = new LinkedHashMap<>(entry.get("Descriptor").members());
        descriptor.put("platform", platform);
        var members = new LinkedHashMap<>(entry.members());
        members.put("Descriptor", Json.object(descriptor));
        store.save(list, image, Json.object(members));
        return 0;
    }

    private static Json annotated(Json platform, Flags flags) {
        var members = new LinkedHashMap<String, Json>();
        put(members, "architecture", flags.text("arch"), platform);
        put(members, "os", flags.text("os"), platform);
        put(members, "os.version", flags.text("os-version"), platform);
        var features = new ArrayList<>(platform.get("os.features").items());
        for (String given : flags.list("os-features")) {
            for (String feature : given.split(",")) {
                Json json = Json.string(feature);
                if (!features.contains(json)) {
                    features.add(json);
                }
            }
        }
        if (!features.isEmpty()) {
            members.put("os.features", Json.array(features));
        }
        put(members, "variant", flags.text("variant"), platform);
        return Json.object(members);
    }

    private static void put(
            LinkedHashMap<String, Json> members, String name, String given, Json platform) {
        String text = given.isEmpty() ? platform.get(name).text("") : given;
        if (!text.isEmpty()) {
            members.put(name, Json.string(text));
        }
    }
}
