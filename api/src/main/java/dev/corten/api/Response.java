package dev.corten.api;

import dev.corten.api.wire.Json;
import dev.corten.http.Exchange;
import dev.corten.http.Headers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// An answer.
sealed interface Response {
    /// What the client reads in the first line. A connection that is taken over says it itself.
    default int status() {
        return switch (this) {
            case Whole whole -> whole.status;
            case Streamed streamed -> streamed.status;
            case Connection _ -> 101;
        };
    }

    /// A whole body.
    record Whole(int status, Headers headers, byte[] body) implements Response {}

    /// A body that is written bit by bit; the head goes with the first flush. An error before that
    /// is answered as an error.
    record Streamed(int status, Headers headers, Body body) implements Response {}

    /// The operation takes the connection for itself, head and all.
    record Connection(Takeover takeover) implements Response {}

    /// Writes a streamed body.
    @FunctionalInterface
    interface Body {
        void writeTo(OutputStream out) throws IOException, InterruptedException;
    }

    /// Answers on the exchange itself.
    @FunctionalInterface
    interface Takeover {
        /// @param common the lines that every answer has
        void on(Exchange exchange, Headers common) throws IOException, InterruptedException;
    }

    static Response json(Json.Document document) {
        return json(200, document);
    }

    static Response json(int status, Json.Document document) {
        return new Whole(status, Headers.of("Content-Type", "application/json"), document.line());
    }

    /// JSON that is finished already.
    static Response json(String text) {
        return new Whole(
                200,
                Headers.of("Content-Type", "application/json"),
                (text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    static Response empty(int status) {
        return new Whole(status, Headers.none(), new byte[0]);
    }
}
