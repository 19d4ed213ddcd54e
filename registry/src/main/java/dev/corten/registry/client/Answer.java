package dev.corten.registry.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The answer to a request; its body is read by whoever has it, who also closes it.
final class Answer implements AutoCloseable {
    private final URI uri;
    private final HttpResponse<BodyStream> response;

    /// @param uri that was asked for
    Answer(URI uri, HttpResponse<BodyStream> response) {
        this.uri = uri;
        this.response = response;
    }

    int status() {
        return response.statusCode();
    }

    boolean succeeded() {
        return status() >= 200 && status() < 300;
    }

    /// Of the request that was answered, after redirects.
    URI uri() {
        return uri;
    }

    Optional<String> header(String name) {
        return headers().firstValue(name);
    }

    List<String> all(String name) {
        return headers().allValues(name);
    }

    private HttpHeaders headers() {
        return response.headers();
    }

    /// What `Content-Length` says.
    OptionalLong length() {
        try {
            return headers().firstValueAsLong("Content-Length");
        } catch (NumberFormatException e) {
            // As good as none: the content's own length and digest are checked in any case.
            return OptionalLong.empty();
        }
    }

    InputStream body() {
        return response.body();
    }

    /// The whole body, if it is not larger than a limit.
    byte[] document(String what, int limit) throws IOException {
        byte[] bytes = body().readNBytes(limit + 1);
        if (bytes.length > limit) {
            throw new RegistryFailure(
                    status(), "", what + " is larger than " + limit + " bytes", Optional.empty());
        }
        return bytes;
    }

    /// Discards the rest; the connection serves further requests if there was none.
    @Override
    public void close() {
        response.body().close();
    }
}
