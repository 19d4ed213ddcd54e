package dev.corten.cli.build;

import dev.corten.cli.build.session.Channel;
import dev.corten.cli.console.Environment;
import dev.corten.cli.failure.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// SSH agents that `--ssh` opens to a build.
final class Agents {
    private static final int BUFFER = 16 << 10;

    private final Map<String, String> sockets = new LinkedHashMap<>();

    /// @throws Failure in the words of buildx, or if it is a key
    Agents(List<String> given, Environment environment) {
        for (String text : given) {
            int equals = text.indexOf('=');
            String id = equals < 0 ? text : text.substring(0, equals);
            String path = equals < 0 ? "" : text.substring(equals + 1);
            id = id.isEmpty() ? "default" : id;
            String shown = "failed to convert agent config {" + id + " [" + path + "] false}: ";
            if (path.isEmpty()) {
                path = environment.get("SSH_AUTH_SOCK");
                if (path.isEmpty()) {
                    throw BuildFailures.of(
                            shown
                                    + "invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is"
                                    + " set");
                }
            }
            check(id, path, shown);
            sockets.put(id, path);
        }
    }

    private static void check(String id, String path, String shown) {
        Path file = Path.of(path);
        String config = shown + "failed to convert agent config for ID: \"" + id + "\": ";
        if (!Files.exists(file)) {
            throw BuildFailures.of(config + "stat " + path + ": no such file or directory");
        }
        if (Files.isRegularFile(file) || Files.isDirectory(file)) {
            throw BuildFailures.of(
                    config
                            + path
                            + " is no socket of an agent: keys are not read from files, add them"
                            + " to an agent (ssh-add)");
        }
    }

    Set<String> ids() {
        return sockets.keySet();
    }

    /// Carries bytes between the daemon and an agent until one of them ends.
    void serve(String id, Channel channel) throws IOException {
        String path = sockets.get(id);
        if (path == null) {
            throw new IOException("unset ssh forward key " + id);
        }
        try (SocketChannel agent = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            agent.connect(UnixDomainSocketAddress.of(path));
            var asking = new Thread(() -> ask(agent, channel), "ssh agent");
            asking.setDaemon(true);
            asking.start();
            var buffer = ByteBuffer.allocate(BUFFER);
            while (agent.read(buffer.clear()) >= 0) {
                channel.write(buffer.array(), 0, buffer.position());
            }
        }
    }

    private static void ask(SocketChannel agent, Channel channel) {
        try {
            InputStream in = channel.input();
            var buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                ByteBuffer piece = ByteBuffer.wrap(buffer, 0, count);
                while (piece.hasRemaining()) {
                    agent.write(piece);
                }
            }
            agent.shutdownOutput();
        } catch (IOException e) {
            // One of them is gone; the other direction ends with it.
            closeQuietly(agent);
        }
    }

    private static void closeQuietly(SocketChannel agent) {
        try {
            agent.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
