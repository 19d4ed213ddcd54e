package dev.corten.cli.artifact;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.cli.image.ImageNames;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.List;

/// `artifact add`.
public final class AddArtifact implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        FlagTable.NONE,
                        "annotation",
                        FlagType.LIST,
                        "Set an annotation (key=value) for the files and the artifact")
                .add('a', "append", FlagType.BOOL, "Append files to an existing artifact")
                .add(
                        FlagTable.NONE,
                        "file-type",
                        FlagType.STRING,
                        "Set file type to use for the artifact (layer)")
                .add(FlagTable.NONE, "replace", FlagType.BOOL, "Replace an existing artifact")
                .add(FlagTable.NONE, "type", FlagType.STRING, "Use type to describe an artifact");
    }

    @Override
    public String about() {
        return "Add an OCI artifact to the local store from the local filesystem.";
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Flags flags = invocation.flags();
        List<String> arguments = invocation.arguments();
        if (flags.isSet("append") && flags.isSet("replace")) {
            throw new Refusal("--append and --replace options cannot be used together");
        }
        Reference name = ImageNames.parse(arguments.getFirst()).orLatest();
        Request request =
                Request.post("/corten/v1/artifacts/add")
                        .query("name", name.toString())
                        .flag("append", flags.isSet("append"))
                        .flag("replace", flags.isSet("replace"));
        for (String option : List.of("type", "file-type")) {
            if (!flags.text(option).isEmpty()) {
                request.query(option, flags.text(option));
            }
        }
        for (String annotation : flags.list("annotation")) {
            if (annotation.indexOf('=') <= 0) {
                throw new Refusal("no value given for annotation \"" + annotation + "\"");
            }
            request.query("annotation", annotation);
        }
        try (var files = new FilesTar(arguments.subList(1, arguments.size()));
                Response response =
                        invocation.api().send(request.stream("application/x-tar", files))) {
            String digest = response.json().get("Digest").text("");
            invocation.out().line(digest.substring("sha256:".length())).flush();
        }
        return 0;
    }
}
