package dev.corten.cli;

import dev.corten.client.Json;
import dev.corten.client.JsonReader;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.InvalidParameter;
import dev.corten.model.Reference;
import java.io.IOException;

/// Asks the daemon for an image of a registry and shows how it gets on.
final class Pull {
    private final Invocation invocation;

    Pull(Invocation invocation) {
        this.invocation = invocation;
    }

    /// @return the reference that was pulled, in full
    Reference run(String image, String platform, boolean quiet, Output progress)
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
            show(response, quiet, progress);
        }
        return reference;
    }

    /// Prints the messages of a long operation, one a line.
    ///
    /// @throws Refusal with the daemon's words when it ends in an error
    static void show(Response response, boolean quiet, Output progress) throws IOException {
        var messages = new JsonReader(response.body());
        for (Json message = messages.next(); message != null; message = messages.next()) {
            String error = message.get("errorDetail").get("message").text("");
            if (error.isEmpty()) {
                error = message.get("error").text("");
            }
            if (!error.isEmpty()) {
                throw new Refusal(error);
            }
            if (quiet) {
                continue;
            }
            String stream = message.get("stream").text("");
            if (!stream.isEmpty()) {
                progress.print(stream).flush();
                continue;
            }
            // Bars are for terminals; what passes by in a log is only noise.
            String status = message.get("status").text("");
            boolean bar = !message.get("progress").isAbsent();
            if (!status.isEmpty() && !bar) {
                String id = message.get("id").text("");
                progress.line(id.isEmpty() ? status : id + ": " + status).flush();
            }
        }
    }
}
