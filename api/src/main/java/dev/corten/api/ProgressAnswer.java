package dev.corten.api;

import dev.corten.api.wire.ImageJson;
import dev.corten.http.Headers;
import dev.corten.model.CortenException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.Consumer;
import java.util.function.Function;

/// The answer to a request for an image to be moved: a stream of JSON messages. A failure before the
/// first message is answered with a status of its own, a later one in the stream.
final class ProgressAnswer {
    private static final Headers JSON = Headers.of("Content-Type", "application/json");

    private ProgressAnswer() {}

    /// What is done, and tells how it gets on.
    @FunctionalInterface
    interface Work<M> {
        void run(Consumer<M> out) throws IOException, InterruptedException;
    }

    /// @param wire a message as it is sent
    static <M> Response of(Function<M, byte[]> wire, Work<M> work) {
        return new Response.Streamed(
                200,
                JSON,
                out -> {
                    var told = new Told<>(wire, out);
                    try {
                        work.run(told::tell);
                    } catch (UncheckedIOException e) {
                        throw e.getCause();
                    } catch (CortenException | IOException e) {
                        if (!told.any) {
                            throw e;
                        }
                        out.write(ImageJson.failure(Failures.message(e)));
                    }
                });
    }

    private static final class Told<M> {
        private final Function<M, byte[]> wire;
        private final OutputStream out;
        private boolean any;

        private Told(Function<M, byte[]> wire, OutputStream out) {
            this.wire = wire;
            this.out = out;
        }

        private void tell(M message) {
            any = true;
            try {
                out.write(wire.apply(message));
                out.flush();
            } catch (IOException e) {
                // The client is gone.
                throw new UncheckedIOException(e);
            }
        }
    }
}
