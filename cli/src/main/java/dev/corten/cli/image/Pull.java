package dev.corten.cli.image;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.ProgressView;
import dev.corten.cli.failure.Refusal;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import java.io.IOException;

/// Asks the daemon for an image of a registry and shows how it gets on.
public final class Pull {
    private final Invocation invocation;

    public Pull(Invocation invocation) {
        this.invocation = invocation;
    }

    /// @return the reference that was pulled, in full
    public Reference run(String image, String platform, boolean quiet, ProgressView progress)
            throws IOException {
        Reference reference;
        try {
            reference = Reference.parse(image).orLatest();
        } catch (InvalidParameter e) {
            throw new Refusal(e.message());
        }
        String version =
                reference.digest().isPresent()
                        ? reference.digest().get().toString()
                        : reference.tag().orElse("");
        Request request =
                Request.post("/images/create")
                        .query("fromImage", reference.repository().toString())
                        .query("tag", version)
                        .header("X-Registry-Auth", "e30=");
        if (!platform.isEmpty()) {
            request.query("platform", platform);
        }
        try (Response response = invocation.api().send(request)) {
            progress.show(response, quiet);
        }
        return reference;
    }
}
