package dev.corten.cli.system;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import dev.corten.client.Request;
import dev.corten.model.NotFound;
import java.io.IOException;

/// `container exists` and its like: prints nothing, ends with 0 if there is one of that name and
/// with 1 if not. Podman has these; Docker does not.
public final class ExistsCommand implements Command {
    private final String kind;

    /// @param kind `container`, `image`, `network` or `volume`
    public ExistsCommand(String kind) {
        this.kind = kind;
    }

    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.exactly(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        String name = Request.segment(invocation.arguments().getFirst());
        String document = kind.equals("container") || kind.equals("image") ? "/json" : "";
        try {
            invocation.api().call(Request.get("/" + kind + "s/" + name + document));
            return 0;
        } catch (NotFound e) {
            return 1;
        }
    }
}
