package dev.corten.cli.artifact;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `artifact extract`.
public final class ExtractArtifact implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "digest",
                        FlagType.STRING,
                        "Only extract blob with the given digest")
                .add(
                        FlagTable.NONE,
                        "title",
                        FlagType.STRING,
                        "Only extract blob with the given title");
    }

    @Override
    public String about() {
        return "Extract the blobs of an OCI artifact to a local file or directory.";
    }

    @Override
    public Arity arity() {
        return Arity.exactly(2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        String digest = flags.text("digest");
        String title = flags.text("title");
        if (!digest.isEmpty() && !title.isEmpty()) {
            throw new Refusal("cannot specify both digest and title");
        }
        String target = invocation.arguments().get(1);
        Json artifact = InspectArtifact.ask(invocation, invocation.arguments().getFirst());
        List<ArtifactFile> files = ArtifactFile.of(artifact.get("Manifest"));
        if (files.isEmpty()) {
            throw new Refusal("the artifact has no blobs, nothing to extract");
        }
        if (!digest.isEmpty() || !title.isEmpty()) {
            files = List.of(ArtifactFile.chosen(files, digest, title));
        }
        Path path = Path.of(target);
        List<VerifiedFile> places;
        if (Files.isDirectory(path)) {
            places =
                    ArtifactFile.names(files).stream()
                            .map(name -> VerifiedFile.in(path, name))
                            .toList();
        } else if (files.size() == 1) {
            places = List.of(VerifiedFile.at(path));
        } else {
            throw new Refusal(
                    "the artifact consists of several blobs and the target \""
                            + target
                            + "\" is not a directory and neither digest or title was specified to"
                            + " only copy a single blob");
        }
        // By digest from here on: the name may stand for something else meanwhile.
        String known = artifact.get("Digest").text("");
        for (int i = 0; i < files.size(); i++) {
            extract(invocation, known, files.get(i).digest(), places.get(i));
        }
        return 0;
    }

    private static void extract(
            Invocation invocation, String artifact, Digest blob, VerifiedFile place)
            throws IOException {
        Request request =
                Request.get("/corten/v1/artifacts/" + Request.segment(artifact) + "/blob")
                        .query("digest", blob.toString());
        try (Response response = invocation.api().send(request)) {
            place.write(response.body(), blob);
        }
    }
}
