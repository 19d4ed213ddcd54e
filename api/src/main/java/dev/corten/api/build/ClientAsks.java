package dev.corten.api.build;

import dev.corten.api.wire.Json;
import dev.corten.build.work.Session;
import dev.corten.engine.build.BuildRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// What a build asks of its client. Thread-safe.
public final class ClientAsks implements Session {
    /// What BuildKit allows.
    private static final int SECRET_MAX = 500 << 10;

    private static final int PIECE = 64 << 10;

    private final FrameConnection connection;
    private final Set<String> secrets;
    private final Set<String> agents;

    /// @param secrets the names that the client can serve
    /// @param agents likewise
    public ClientAsks(FrameConnection connection, Set<String> secrets, Set<String> agents) {
        this.connection = connection;
        this.secrets = Set.copyOf(secrets);
        this.agents = Set.copyOf(agents);
    }

    /// @return to be closed
    FrameChannel ask(String what, Consumer<Json> members) throws IOException {
        FrameChannel channel = connection.open();
        try {
            connection.message(
                    Json.object(
                                    o -> {
                                        o.text("ask", what).number("channel", channel.number());
                                        members.accept(o);
                                    })
                            .toString());
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public Optional<byte[]> secret(String id) throws IOException {
        if (!secrets.contains(id)) {
            return Optional.empty();
        }
        try (FrameChannel channel = ask("secret", o -> o.text("id", id))) {
            byte[] bytes = channel.input().readNBytes(SECRET_MAX + 1);
            if (bytes.length > SECRET_MAX) {
                throw new IOException(
                        "invalid secret size, maximum is " + SECRET_MAX / 1024 + "KB");
            }
            return Optional.of(bytes);
        }
    }

    @Override
    public Optional<Stream> agent(String id) throws IOException {
        if (!agents.contains(id)) {
            return Optional.empty();
        }
        FrameChannel channel = ask("agent", o -> o.text("id", id));
        InputStream input = channel.input();
        OutputStream output = channel.output();
        return Optional.of(
                new Stream() {
                    @Override
                    public InputStream input() {
                        return input;
                    }

                    @Override
                    public OutputStream output() {
                        return output;
                    }

                    @Override
                    public void close() {
                        try {
                            output.close();
                        } catch (IOException clientLeft) {
                            // and so will not wait for the end
                        }
                        channel.close();
                    }
                });
    }

    /// Sends a tar to the client.
    ///
    /// @param index among the outputs; -1-i for the i-th of those for caches
    BuildRequest.Sink sink(int index) {
        return tar -> {
            try (FrameChannel channel = ask("output", o -> o.number("output", index))) {
                try (OutputStream out = channel.output()) {
                    byte[] piece = new byte[PIECE];
                    for (int got = tar.read(piece); got >= 0; got = tar.read(piece)) {
                        out.write(piece, 0, got);
                    }
                }
                // Until the client has written it, or says why it could not.
                while (channel.input().read() >= 0) {
                    // nothing is said on it
                }
            }
        };
    }
}
