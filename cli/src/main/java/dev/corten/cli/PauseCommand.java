package dev.corten.cli;

import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import java.io.IOException;

/// `pause` and `unpause`.
final class PauseCommand extends EachContainer {
    private final String verb;

    /// @param verb `pause` or `unpause`
    PauseCommand(String verb) {
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
