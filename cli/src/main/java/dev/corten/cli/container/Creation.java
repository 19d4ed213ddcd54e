package dev.corten.cli.container;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.console.ProgressView;
import dev.corten.cli.failure.LocalFiles;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.image.ImageNames;
import dev.corten.cli.image.Pull;
import dev.corten.cli.option.Addresses;
import dev.corten.client.Json;
import dev.corten.client.JsonWriter;
import dev.corten.client.Request;
import dev.corten.model.NotFound;
import dev.corten.model.RawText;
import dev.corten.model.Reference;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;

/// Creates a container, and pulls its image if that is wanted and needed.
final class Creation {
    private final Invocation invocation;
    private final Flags flags;
    private final String image;

    Creation(Invocation invocation) {
        this.invocation = invocation;
        this.flags = invocation.flags();
        this.image = invocation.arguments().getFirst();
    }

    /// @return the container's ID
    String create(JsonWriter body) throws IOException {
        String pull = flags.text("pull", "missing");
        switch (pull) {
            case "always", "missing", "never" -> {}
            default ->
                    throw new Refusal(
                            "invalid pull option: '"
                                    + pull
                                    + "': must be one of \"always\", \"missing\" or \"never\"");
        }
        String cidFile = flags.text("cidfile");
        if (!cidFile.isEmpty() && new File(cidFile).exists()) {
            throw new Refusal(
                    "container ID file found, make sure the other container isn't running or"
                            + " delete "
                            + cidFile);
        }
        for (String server : flags.list("dns")) {
            if (Addresses.isLoopback(server)) {
                invocation.warn("WARNING: Localhost DNS (" + server + ") may fail in containers.");
                break;
            }
        }
        checkImage();
        if (pull.equals("always")) {
            pull();
        }
        Json created;
        try {
            created = post(body);
        } catch (NotFound e) {
            boolean imageAbsent = pull.equals("missing") && e.message().startsWith("No such image");
            if (!imageAbsent) {
                throw e;
            }
            invocation.warn("Unable to find image '" + reference().familiar() + "' locally");
            pull();
            created = post(body);
        }
        for (Json warning : created.get("Warnings").items()) {
            invocation.warn("WARNING: " + warning.text(""));
        }
        String id = created.get("Id").text("");
        if (!cidFile.isEmpty()) {
            write(cidFile, id);
        }
        return id;
    }

    /// Before anything is asked of a daemon.
    private void checkImage() {
        boolean id = image.length() == 64 || image.startsWith("sha256:");
        if (!id) {
            reference();
        }
    }

    private Json post(JsonWriter body) throws IOException {
        Request request = Request.post("/containers/create").json(body);
        if (!flags.text("name").isEmpty()) {
            request.query("name", flags.text("name"));
        }
        if (!invocation.platform().isEmpty()) {
            request.query("platform", invocation.platform());
        }
        return invocation.api().json(request);
    }

    private void pull() throws IOException {
        new Pull(invocation)
                .run(
                        reference(),
                        invocation.platform(),
                        flags.isSet("quiet"),
                        new ProgressView(
                                invocation.err(),
                                invocation.console().isErrTerminal(),
                                invocation.columns()));
    }

    private Reference reference() {
        return ImageNames.parse(image).orLatest();
    }

    static void write(String file, String id) throws IOException {
        try (var out = new FileOutputStream(file)) {
            out.write(RawText.encode(id));
        } catch (FileNotFoundException e) {
            throw new Refusal("open " + file + ": " + LocalFiles.reason(e));
        }
    }
}
