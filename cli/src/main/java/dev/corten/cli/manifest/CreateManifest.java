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
import java.util.List;
import java.util.Optional;

/// `manifest create`.
public final class CreateManifest implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('a', "amend", FlagType.BOOL, "Amend an existing manifest list")
                .add(
                        FlagTable.NONE,
                        "insecure",
                        FlagType.BOOL,
                        "Allow communication with an insecure registry");
    }

    @Override
    public String about() {
        return ManifestHelp.about(
                "create", "Create a local manifest list for annotating and pushing to a registry");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(2);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        List<String> arguments = invocation.arguments();
        Reference list = ImageNames.parse(arguments.getFirst()).orLatest();
        var store = new ManifestStore(invocation.config().folder());
        if (store.exists(list) && !invocation.flags().isSet("amend")) {
            throw new Refusal("refusing to amend an existing manifest list with no --amend flag");
        }
        var remote = new RemoteManifests(invocation);
        for (String argument : arguments.subList(1, arguments.size())) {
            Reference image = ImageNames.parse(argument).orLatest();
            Optional<Json> known = store.find(list, image);
            store.save(list, image, known.isPresent() ? known.get() : remote.image(image));
        }
        invocation.out().line("Created manifest list " + list).flush();
        return 0;
    }
}
