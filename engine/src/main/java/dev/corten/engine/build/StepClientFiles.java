package dev.corten.engine.build;

import dev.corten.build.work.ClientFiles;
import dev.corten.build.work.Session;
import dev.corten.engine.build.step.AgentSocket;
import dev.corten.engine.build.step.AgentSockets;
import dev.corten.engine.build.step.SecretFiles;
import dev.corten.kernel.Fd;
import java.io.IOException;

/// What clients give, as the runtime's sandboxes can mount it.
public record StepClientFiles(AgentSockets agents) implements ClientFiles {
    private record Secret(Fd source) implements Held {
        @Override
        public void close() {
            source.close();
        }
    }

    private record Agent(AgentSocket socket) implements Held {
        @Override
        public Fd source() {
            return socket.source();
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    @Override
    public Held secret(byte[] content, int mode, int uid, int gid) throws IOException {
        return new Secret(SecretFiles.mount(content, mode, uid, gid));
    }

    @Override
    public Held agent(Session client, String id, int mode, int uid, int gid) throws IOException {
        return new Agent(agents.open(client, id, mode, uid, gid));
    }
}
