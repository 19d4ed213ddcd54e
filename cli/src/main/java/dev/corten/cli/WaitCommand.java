package dev.corten.cli;

import dev.corten.client.Json;
import dev.corten.client.Response;
import dev.corten.model.CortenException;
import java.io.IOException;

/// `wait`: prints the exit codes.
final class WaitCommand implements Command {
    @Override
    public FlagTable flags() {
        return new FlagTable();
    }

    @Override
    public int minArguments() {
        return 1;
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
