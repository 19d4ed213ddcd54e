package dev.corten.client;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/// The answer to a [Request]. Whoever gets it closes it; only a body that was read to its end lets
/// the connection be used again.
public final class Response implements AutoCloseable {
    /// Whole documents are read up to this size; streams have no limit.
    static final int DOCUMENT_BYTES_MAX = 64 << 20;

    private final int status;
    private final List<String> headers;
    private final HttpBody body;

    Response(int status, List<String> headers, HttpBody body) {
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    public int status() {
        return status;
    }

    /// The first value of a header; empty when it is absent.
    public String header(String name) {
        return header(headers, name);
    }

    static String header(List<String> headers, String name) {
        for (int i = 0; i < headers.size(); i += 2) {
            if (headers.get(i).equalsIgnoreCase(name)) {
                return headers.get(i + 1);
            }
        }
        return "";
    }

    public InputStream body() {
        return body;
    }

    /// The whole body, of at most 64 MiB.
    public byte[] bytes() throws IOException {
        byte[] bytes = body.readNBytes(DOCUMENT_BYTES_MAX + 1);
        if (bytes.length > DOCUMENT_BYTES_MAX) {
            throw new IOException("the daemon's answer is larger than 64 MiB");
        }
        return bytes;
    }

    /// The whole body as one JSON document.
    public Json json() throws IOException {
        return Json.parse(bytes());
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
