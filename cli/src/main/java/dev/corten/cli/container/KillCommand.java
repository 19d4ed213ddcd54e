package dev.corten.cli.container;

import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.cli.flags.Flags;
import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import java.io.IOException;

/// `kill`.
public final class KillCommand extends EachContainer {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('s', "signal", FlagType.STRING, "Signal to send to the container");
    }

    @Override
    void act(ApiClient api, String name, Flags flags) throws IOException {
        Request request = Request.post(path(name) + "/kill");
        if (!flags.text("signal").isEmpty()) {
            request.query("signal", flags.text("signal"));
        }
        api.call(request);
    }
}
