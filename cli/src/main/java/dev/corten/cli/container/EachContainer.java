package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.failure.Failure;
import dev.corten.cli.flags.Flags;
import dev.corten.client.ApiClient;
import dev.corten.client.Request;
import dev.corten.model.CortenException;
import dev.corten.model.NotFound;
import java.io.IOException;

/// A command that does the same to each of several containers: prints the name of each that it was
/// done to, goes on after failures, and ends with 1 if there were any.
abstract class EachContainer implements Command {
    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    /// @throws CortenException if the daemon refuses
    abstract void act(ApiClient api, String name, Flags flags) throws IOException;

    /// Whether a container that is not there is no failure.
    boolean forgivesAbsence(Flags flags) {
        return false;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        int status = 0;
        for (String name : invocation.arguments()) {
            try {
                act(invocation.api(), name, invocation.flags());
                invocation.out().line(name).flush();
            } catch (CortenException e) {
                invocation.warn("Error response from daemon: " + e.message());
                boolean forgiven = e instanceof NotFound && forgivesAbsence(invocation.flags());
                status = forgiven ? status : 1;
            }
        }
        return status;
    }

    /// The path of a container in the API.
    static String path(String name) {
        String bare = name;
        while (bare.startsWith("/")) {
            bare = bare.substring(1);
        }
        if (bare.isEmpty()) {
            throw new Failure("invalid container name or ID: value is empty");
        }
        return "/containers/" + Request.segment(bare);
    }
}
