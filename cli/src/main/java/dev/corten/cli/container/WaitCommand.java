package dev.corten.cli.container;

import dev.corten.cli.command.Arity;
import dev.corten.cli.command.Command;
import dev.corten.cli.command.Invocation;
import dev.corten.cli.flags.FlagTable;
import dev.corten.client.Json;
import dev.corten.client.Response;
import dev.corten.model.CortenException;
import java.io.IOException;

/// `wait`: prints the exit codes.
public final class WaitCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public Arity arity() {
        return Arity.atLeast(1);
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        int status = 0;
        for (String name : invocation.arguments()) {
            try (Response wait = ExitStatus.await(invocation.api(), name, "")) {
                Json answer = wait.json();
                String error = answer.get("Error").get("Message").text("");
                if (error.isEmpty()) {
                    invocation.out().line(answer.get("StatusCode").literal()).flush();
                } else {
                    invocation.warn(error);
                    status = 1;
                }
            } catch (CortenException e) {
                invocation.warn("Error response from daemon: " + e.message());
                status = 1;
            }
        }
        return status;
    }
}
