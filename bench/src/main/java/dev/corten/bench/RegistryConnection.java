package dev.corten.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// One kept HTTP/1.1 connection to a registry: the least that a client can cost.
final class RegistryConnection implements AutoCloseable {
    private static final int BUFFER = 1 << 17;

    /// What a body is made of.
    interface Body {
        long length();

        void writeTo(OutputStream out) throws IOException;

        static Body of(byte[] bytes) {
            return new Body() {
                @Override
                public long length() {
                    return bytes.length;
                }

                @Override
                public void writeTo(OutputStream out) throws IOException {
                    out.write(bytes);
                }
            };
        }
    }

    /// @param length of the body
    record Answer(int status, Map<String, String> headers, long length) {}

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER];

    RegistryConnection(int port) throws IOException {
        socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), port);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream(), BUFFER);
        out = socket.getOutputStream();
    }

    /// Pushes a blob: a request for an upload, and one with all of it.
    void put(String repository, String digest, Body body) throws IOException {
        Answer started = call("POST", "/v2/" + repository + "/blobs/uploads/", "", none());
        URI location = URI.create(started.headers().getOrDefault("location", ""));
        String query = location.getRawQuery() == null ? "?" : "?" + location.getRawQuery() + "&";
        call(
                "PUT",
                location.getRawPath() + query + "digest=" + digest,
                "application/octet-stream",
                body);
    }

    void putManifest(String repository, String tag, String manifest) throws IOException {
        call(
                "PUT",
                "/v2/" + repository + "/manifests/" + tag,
                "application/vnd.docker.distribution.manifest.v2+json",
                Body.of(manifest.getBytes(UTF_8)));
    }

    private static Body none() {
        return Body.of(new byte[0]);
    }

    /// @return bytes of the body
    long get(String path) throws IOException {
        return call("GET", path, "", none()).length();
    }

    boolean has(String path) throws IOException {
        try {
            call("GET", path, "", none());
            return true;
        } catch (Failure absent) {
            return false;
        }
    }

    private Answer call(String method, String path, String type, Body body) throws IOException {
        String head =
                method
                        + " "
                        + path
                        + " HTTP/1.1\r\nHost: registry\r\n"
                        + "Accept: application/vnd.docker.distribution.manifest.v2+json\r\n"
                        + (type.isEmpty() ? "" : "Content-Type: " + type + "\r\n")
                        + (method.equals("GET") ? "" : "Content-Length: " + body.length() + "\r\n")
                        + "\r\n";
        out.write(head.getBytes(ISO_8859_1));
        body.writeTo(out);
        Answer answer = answer();
        if (answer.status() >= 400) {
            throw new Failure(method + " " + path + ": " + answer.status());
        }
        return answer;
    }

    private Answer answer() throws IOException {
        int status = Integer.parseInt(line().split(" ", 3)[1]);
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        long length = 0;
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            while (true) {
                long size = Long.parseLong(line().split(";", 2)[0].strip(), 16);
                skip(size);
                line();
                length += size;
                if (size == 0) {
                    break;
                }
            }
        } else if (status != 204) {
            length = Long.parseLong(headers.getOrDefault("content-length", "0"));
            skip(length);
        }
        return new Answer(status, headers, length);
    }

    private void skip(long count) throws IOException {
        for (long left = count; left > 0; ) {
            int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (n < 0) {
                throw new EOFException("the registry closed the connection inside an answer");
            }
            left -= n;
        }
    }

    private String line() throws IOException {
        var line = new StringBuilder();
        while (true) {
            int c = in.read();
            if (c < 0) {
                throw new EOFException("the registry closed the connection");
            }
            if (c == '\n') {
                return line.toString();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
