package dev.corten.cli.manifest;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.image.ImageNames;
import dev.corten.model.Reference;
import java.io.IOException;
import java.util.ArrayList;

/// `manifest rm`: forgets lists that were made here.
public final class RemoveManifests implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public String about() {
        return ManifestHelp.about("rm", "Delete one or more manifest lists from local storage");
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        var store = new ManifestStore(invocation.config().folder());
        var failures = new ArrayList<String>();
        for (String argument : invocation.arguments()) {
            try {
                Reference list = ImageNames.parse(argument).orLatest();
                if (store.exists(list)) {
                    store.remove(list);
                } else {
                    failures.add("No such manifest: " + list);
                }
            } catch (Refusal e) {
                failures.add(e.message());
            }
        }
        failures.forEach(invocation::warn);
        return failures.isEmpty() ? 0 : 1;
    }
}
