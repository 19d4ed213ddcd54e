package dev.corten.engine.build.context;

import dev.corten.build.context.GitAgents;
import dev.corten.build.work.Session;
import dev.corten.engine.build.step.AgentSocket;
import dev.corten.engine.build.step.AgentSockets;
import dev.corten.model.InvalidParameter;
import java.io.IOException;
import java.util.Optional;

/// Sockets that lead to the agents that clients offer as `default`, for git alone.
record ClientAgents(AgentSockets sockets) implements GitAgents {
    private static final String NAME = "default";

    /// For root's programs: the directory of the sockets is closed to everybody else.
    private static final int MODE = 0600;

    @Override
    public Optional<Agent> open(Session client) throws IOException, InterruptedException {
        if (client.equals(Session.NONE)) {
            return Optional.empty();
        }
        Optional<Session.Stream> first = client.agent(NAME);
        if (first.isEmpty()) {
            throw new InvalidParameter("unset ssh forward key " + NAME);
        }
        first.get().close();
        AgentSocket socket = sockets.open(client, NAME, MODE, 0, 0);
        return Optional.of(
                new Agent() {
                    @Override
                    public String path() {
                        return socket.path().toString();
                    }

                    @Override
                    public void close() {
                        socket.close();
                    }
                });
    }
}
