package dev.corten.cli.artifact;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.image.ImageNames;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.Reference;
import java.io.IOException;

/// `artifact pull` and `artifact push`.
public final class MoveArtifact implements Command {
    private final boolean pulls;

    private MoveArtifact(boolean pulls) {
        this.pulls = pulls;
    }

    public static MoveArtifact pulling() {
        return new MoveArtifact(true);
    }

    public static MoveArtifact pushing() {
        return new MoveArtifact(false);
    }

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        'q',
                        "quiet",
                        FlagType.BOOL,
                        "Suppress output information when "
                                + (pulls ? "pulling" : "pushing")
                                + " artifacts");
    }

    @Override
    public String about() {
        return pulls
                ? "Pulls an artifact from a registry and stores it locally."
                : "Push an OCI artifact from local storage to a registry.";
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Reference name = ImageNames.parse(invocation.arguments().getFirst()).orLatest();
        Request request =
                pulls
                        ? Request.post("/corten/v1/artifacts/pull").query("name", name.toString())
                        : Request.post(
                                "/corten/v1/artifacts/"
                                        + Request.segment(name.toString())
                                        + "/push");
        request.header("X-Registry-Auth", new Credentials(invocation).header(name));
        try (Response response = invocation.api().send(request)) {
            invocation.progress().show(response, invocation.flags().isSet("quiet"));
        }
        return 0;
    }
}
