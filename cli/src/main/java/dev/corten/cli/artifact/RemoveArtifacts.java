package dev.corten.cli.artifact;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Refusal;
import dev.corten.cli.flags.FlagTable;
import dev.corten.cli.flags.FlagType;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import dev.corten.model.NotFound;
import java.io.IOException;
import java.util.List;

/// `artifact rm`.
public final class RemoveArtifacts implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable()
                .add('a', "all", FlagType.BOOL, "Remove all artifacts")
                .add('i', "ignore", FlagType.BOOL, "Ignore error if artifact does not exist");
    }

    @Override
    public String about() {
        return "Remove artifacts from local storage, by their names or digests.";
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(0);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        List<String> names = invocation.arguments();
        if (invocation.flags().isSet("all")) {
            if (!names.isEmpty()) {
                throw new Refusal(
                        "when using the --all switch, you may not pass any artifact names or"
                                + " digests");
            }
            remove(invocation, "/corten/v1/artifacts");
            return 0;
        }
        if (names.isEmpty()) {
            throw new Refusal("at least one artifact name or digest must be specified");
        }
        int status = 0;
        for (String name : names) {
            try {
                remove(invocation, "/corten/v1/artifacts/" + Request.segment(name));
            } catch (CortenException e) {
                if (!(e instanceof NotFound && invocation.flags().isSet("ignore"))) {
                    invocation.warn("Error response from daemon: " + e.message());
                    status = 1;
                }
            }
        }
        return status;
    }

    private static void remove(Invocation invocation, String path) throws IOException {
        for (Json digest : invocation.api().json(Request.delete(path)).get("Removed").items()) {
            invocation.out().line(digest.text("").substring("sha256:".length())).flush();
        }
    }
}
