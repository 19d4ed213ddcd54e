package dev.corten.cli.build;

import dev.corten.cli.build.agent.KeyAgent;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// SSH agents that `--ssh` opens to a build: sockets of agents that run, or one of our own with the
/// keys of files.
final class Agents {
    private static final int BUFFER = 16 << 10;

    private final Map<String, String> sockets = new LinkedHashMap<>();
    private final Map<String, KeyAgent> keys = new LinkedHashMap<>();

    /// @throws Failure in the words of buildx
    Agents(List<String> given, Environment environment) {
        for (String text : given) {
            int equals = text.indexOf('=');
            String id = equals < 0 ? text : text.substring(0, equals);
            id = id.isEmpty() ? "default" : id;
            var paths = new ArrayList<String>();
            boolean raw = false;
            for (String part : equals < 0 ? new String[0] : text.substring(equals + 1).split(",")) {
                if (part.startsWith("raw=")) {
                    raw = Boolean.parseBoolean(part.substring("raw=".length()));
                } else if (!part.isEmpty()) {
                    paths.add(part);
                }
            }
            if (ids().contains(id)) {
                throw BuildFailures.of("duplicate agent ID \"" + id + "\"");
            }
            String shown =
                    "failed to convert agent config {"
                            + id
                            + " ["
                            + String.join(" ", paths)
                            + "] "
                            + raw
                            + "}: ";
            add(id, paths, shown, environment);
        }
    }

    private void add(String id, List<String> given, String shown, Environment environment) {
        List<String> paths = given;
        if (paths.isEmpty()) {
            String socket = environment.get("SSH_AUTH_SOCK");
            if (socket.isEmpty()) {
                throw BuildFailures.of(
                        shown
                                + "invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is"
                                + " set");
            }
            paths = List.of(socket);
        }
        String config = shown + "failed to convert agent config for ID: \"" + id + "\": ";
        var files = new ArrayList<String>();
        for (String path : paths) {
            Path file = Path.of(path);
            if (!Files.exists(file)) {
                throw BuildFailures.of(config + "stat " + path + ": no such file or directory");
            }
            if (Files.isDirectory(file)) {
                throw BuildFailures.of(
                        config + "failed to read " + path + ": read " + path + ": is a directory");
            }
            if (Files.isRegularFile(file)) {
                files.add(path);
            }
        }
        if (files.isEmpty() && paths.size() == 1) {
            sockets.put(id, paths.getFirst());
            return;
        }
        if (files.size() < paths.size()) {
            throw BuildFailures.of(config + "only single socket allowed");
        }
        try {
            keys.put(id, KeyAgent.of(files));
        } catch (IOException e) {
            throw BuildFailures.of(config + e.getMessage());
        }
    }

    Set<String> ids() {
        var ids = new LinkedHashSet<>(sockets.keySet());
        ids.addAll(keys.keySet());
        return ids;
    }

    /// Carries bytes between the daemon and an agent until one of them ends.
    void serve(String id, Channel channel) throws IOException {
        KeyAgent own = keys.get(id);
        if (own != null) {
            own.serve(channel.input(), channel::write);
            return;
        }
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
