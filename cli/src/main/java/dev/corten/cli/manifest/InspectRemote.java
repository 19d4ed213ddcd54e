package dev.corten.cli.manifest;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.Output;
import dev.corten.cli.image.ImageNames;
import dev.corten.cli.option.Platforms;
import dev.corten.client.Json;
import dev.corten.model.Reference;
import java.io.IOException;

/// `image inspect --remote`: what a registry has under a name, without fetching the image, as
/// `buildx imagetools inspect` shows it.
public final class InspectRemote {
    private InspectRemote() {}

    public static int run(Invocation invocation) throws IOException {
        var remote = new RemoteManifests(invocation);
        Output out = invocation.out();
        for (String argument : invocation.arguments()) {
            Reference name = ImageNames.parse(argument).orLatest();
            RemoteManifests.Document document = remote.get(name);
            Json json = document.json();
            out.line("Name:      " + name);
            out.line("MediaType: " + document.mediaType());
            out.line("Digest:    " + document.digest());
            if (document.isIndex()) {
                out.line("           ").line("Manifests: ");
                for (Json member : json.get("manifests").items()) {
                    print(name, member, out);
                }
            }
        }
        out.flush();
        return 0;
    }

    private static void print(Reference name, Json member, Output out) {
        out.line("  Name:        " + name + "@" + member.get("digest").text(""));
        out.line("  MediaType:   " + member.get("mediaType").text(""));
        if (!member.get("platform").isNothing()) {
            out.line("  Platform:    " + Platforms.text(member.get("platform")));
        }
        var annotations = member.get("annotations").members();
        if (!annotations.isEmpty()) {
            out.line("  Annotations: ");
            annotations.forEach((key, value) -> out.line("    " + key + ": " + value.text("")));
        }
        out.line("               ");
    }
}
