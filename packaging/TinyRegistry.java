import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;

/// A registry with one image of many small layers: what the daemon pulls in its training run.
final class TinyRegistry implements AutoCloseable {
    private static final int LAYERS = 20;
    private static final int BLOCK = 512;
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    private final ServerSocket server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, byte[]> blobs = new HashMap<>();
    private final byte[] manifest;

    TinyRegistry() throws IOException {
        manifest = image();
        server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        threads.execute(this::serve);
    }

    /// `127.0.0.1:PORT/trained`
    String repository() {
        return "127.0.0.1:" + server.getLocalPort() + "/trained";
    }

    private void serve() {
        while (true) {
            try {
                Socket client = server.accept();
                threads.execute(() -> answer(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void answer(Socket client) {
        try (client;
                var in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
                OutputStream out = client.getOutputStream()) {
            in.mark(1);
            int first = in.read();
            if (first != 'G' && first != 'H') {
                // A TLS handshake: whoever waits for the end of its line makes the daemon wait too.
                return;
            }
            in.reset();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] request = line.split(" ");
                while (!line.isEmpty()) {
                    line = in.readLine();
                }
                answer(request[0], request[1], out);
            }
        } catch (IOException e) {
            // It has left.
        }
    }

    private void answer(String method, String path, OutputStream out) throws IOException {
        byte[] body = "{}".getBytes(UTF_8);
        String type = "";
        if (path.contains("/manifests/")) {
            type =
                    "Content-Type: %s\r\nDocker-Content-Digest: sha256:%s\r\n"
                            .formatted(MANIFEST, hex(manifest));
            body = manifest;
        } else if (path.contains("/blobs/")) {
            body = blobs.get(path.substring(path.lastIndexOf('/') + 1));
        }
        var answer = new ByteArrayOutputStream();
        answer.writeBytes(
                "HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n"
                        .formatted(type, body.length)
                        .getBytes(UTF_8));
        if (!method.equals("HEAD")) {
            answer.writeBytes(body);
        }
        out.write(answer.toByteArray());
    }

    private byte[] image() throws IOException {
        List<String> layers = new ArrayList<>();
        List<String> diffIds = new ArrayList<>();
        for (int n = 0; n < LAYERS; n++) {
            byte[] tar = tar("dir/file" + n);
            diffIds.add("\"sha256:" + hex(tar) + "\"");
            var packed = new ByteArrayOutputStream();
            try (var gzip = new GZIPOutputStream(packed)) {
                gzip.write(tar);
            }
            layers.add(
                    descriptor(
                            "application/vnd.oci.image.layer.v1.tar+gzip", packed.toByteArray()));
        }
        String config =
                """
                {"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[%s]}}
                """
                        .formatted(String.join(",", diffIds));
        return """
        {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}
        """
                .formatted(
                        MANIFEST,
                        descriptor(
                                "application/vnd.oci.image.config.v1+json", config.getBytes(UTF_8)),
                        String.join(",", layers))
                .getBytes(UTF_8);
    }

    private String descriptor(String mediaType, byte[] content) {
        blobs.put("sha256:" + hex(content), content);
        return "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":%d}"
                .formatted(mediaType, hex(content), content.length);
    }

    /// One file of one block.
    private static byte[] tar(String name) {
        byte[] tar = new byte[4 * BLOCK];
        put(tar, 0, name);
        put(tar, 100, "0000644\0" + "0000000\0" + "0000000\0" + "00000001000\0" + "00000000000\0");
        put(tar, 148, "        0");
        put(tar, 257, "ustar\0" + "00");
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += tar[i];
        }
        put(tar, 148, "%06o\0 ".formatted(sum));
        put(tar, BLOCK, name.repeat(BLOCK / name.length()));
        return tar;
    }

    private static void put(byte[] tar, int at, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        System.arraycopy(bytes, 0, tar, at, bytes.length);
    }

    private static String hex(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }
}
