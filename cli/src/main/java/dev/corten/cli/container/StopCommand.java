package dev.corten.cli.container;

import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import java.io.IOException;

/// `stop` and `restart`, which take the same options.
public final class StopCommand extends EachContainer {
    private final String verb;

    /// @param verb `stop` or `restart`
    public StopCommand(String verb) {
        this.verb = verb;
    }

    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('s', "signal", FlagType.STRING, "Signal to send to the container")
                .add('t', "timeout", FlagType.INT, "Seconds to wait before killing the container")
                .deprecated("time", FlagType.INT, "timeout");
    }

    @Override
    void act(ApiClient api, String name, Flags flags) throws IOException {
        Request request = Request.post(path(name) + "/" + verb);
        if (flags.isGiven("signal")) {
            request.query("signal", flags.text("signal"));
        }
        if (flags.isGiven("timeout")) {
            request.query("t", flags.text("timeout"));
        }
        api.call(request);
    }
}
