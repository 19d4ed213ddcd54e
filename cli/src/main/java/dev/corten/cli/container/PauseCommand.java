package dev.corten.cli.container;

import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.Flags;
import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import java.io.IOException;

/// `pause` and `unpause`.
public final class PauseCommand extends EachContainer {
    private final String verb;

    /// @param verb `pause` or `unpause`
    public PauseCommand(String verb) {
        this.verb = verb;
    }

    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    void act(ApiClient api, String name, Flags flags) throws IOException {
        api.call(Request.post(path(name) + "/" + verb));
    }
}
