package dev.corten.cli.image;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.ProgressView;
import dev.corten.cli.credential.Credentials;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.Reference;
import java.io.IOException;

/// Asks the daemon for an image of a registry and shows how it gets on.
public final class Pull {
    private final Invocation invocation;

    public Pull(Invocation invocation) {
        this.invocation = invocation;
    }

    /// @param reference a repository without a tag or digest for all of it
    /// @param platform empty for the daemon's own
    public void run(Reference reference, String platform, boolean quiet, ProgressView progress)
            throws IOException {
        Request request =
                Request.post("/images/create")
                        .query("fromImage", reference.repository().toString())
                        .header("X-Registry-Auth", new Credentials(invocation).header(reference));
        if (!ImageNames.isBare(reference)) {
            request.query(
                    "tag",
                    reference.digest().isPresent()
                            ? reference.digest().get().toString()
                            : reference.tag().orElse(""));
        }
        if (!platform.isEmpty()) {
            request.query("platform", platform);
        }
        try (Response response = invocation.api().send(request)) {
            progress.show(response, quiet);
        }
    }
}
