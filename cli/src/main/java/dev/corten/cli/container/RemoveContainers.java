package dev.corten.cli.container;

import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import java.io.IOException;

/// `rm`.
public final class RemoveContainers extends EachContainer {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add(
                        'f',
                        "force",
                        FlagType.BOOL,
                        "Force the removal of a running container (uses SIGKILL)")
                .add('l', "link", FlagType.BOOL, "Remove the specified link")
                .add(
                        'v',
                        "volumes",
                        FlagType.BOOL,
                        "Remove anonymous volumes associated with the container");
    }

    @Override
    boolean forgivesAbsence(Flags flags) {
        return flags.isSet("force");
    }

    @Override
    void act(ApiClient api, String name, Flags flags) throws IOException {
        if (name.isEmpty()) {
            throw new Failure("container name cannot be empty");
        }
        api.call(
                Request.delete(path(name))
                        .flag("force", flags.isSet("force"))
                        .flag("link", flags.isSet("link"))
                        .flag("v", flags.isSet("volumes")));
    }
}
