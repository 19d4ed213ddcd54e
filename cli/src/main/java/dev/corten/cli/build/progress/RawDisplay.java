package dev.corten.cli.build.progress;

import dev.corten.cli.console.Output;
import dev.corten.client.Json;

/// What the daemon tells, as it is: a JSON document in each line.
public final class RawDisplay implements Display {
    private final Output out;

    public RawDisplay(Output out) {
        this.out = out;
    }

    @Override
    public void update(Json status) {
        out.line(status.toString()).flush();
    }

    @Override
    public void refresh() {}

    @Override
    public void finish() {}
}
