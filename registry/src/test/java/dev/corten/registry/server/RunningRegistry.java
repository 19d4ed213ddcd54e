package dev.corten.registry.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corten.model.Digest;
import dev.corten.registry.server.settings.BadSettings;
import dev.corten.registry.server.settings.ServerSettings;
import dev.corten.registry.server.storage.Storage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A registry in this process, and a client that knows nothing of registries.
final class RunningRegistry implements AutoCloseable {
    static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";

    private final RegistryServer server;
    private final HttpClient client = HttpClient.newBuilder().build();

    /// @param more settings, as YAML, at the top level
    RunningRegistry(Path root, String more) throws IOException, BadSettings {
        Path file = Files.createTempFile(Files.createDirectories(root), "config", ".yml");
        Files.writeString(
                file,
                """
                version: 0.1
                log: {accesslog: {disabled: true}}
                storage:
                  filesystem: {rootdirectory: "%s"}
                  delete: {enabled: true}
                http: {addr: "127.0.0.1:0", draintimeout: 100ms}
                """
                                .formatted(root.resolve("data"))
                        + more);
        server = new RegistryServer(ServerSettings.read(Optional.of(file), Map.of()));
        server.open();
    }

    RunningRegistry(Path root) throws IOException, BadSettings {
        this(root, "");
    }

    static Storage storage(Path root) {
        return new Storage(root.resolve("data"));
    }

    Storage storage() {
        return server.storage();
    }

    RegistryServer server() {
        return server;
    }

    String host() {
        return "127.0.0.1:" + server.address().getPort();
    }

    URI uri(String pathOrLocation) {
        return pathOrLocation.startsWith("http")
                ? URI.create(pathOrLocation)
                : URI.create("http://" + host() + pathOrLocation);
    }

    HttpResponse<byte[]> send(String method, String path, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path))
                        .method(
                                method,
                                body.length == 0
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<byte[]> send(String method, String path, String... headers)
            throws IOException, InterruptedException {
        return send(method, path, new byte[0], headers);
    }

    HttpResponse<byte[]> get(String path, String... headers)
            throws IOException, InterruptedException {
        return send("GET", path, headers);
    }

    static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), UTF_8);
    }

    static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    static String with(String location, String query) {
        return location + (location.contains("?") ? "&" : "?") + query;
    }

    String startUpload(String name) throws IOException, InterruptedException {
        HttpResponse<byte[]> started = send("POST", "/v2/" + name + "/blobs/uploads/");
        if (started.statusCode() != 202) {
            throw new AssertionError("POST: " + started.statusCode() + " " + text(started));
        }
        return header(started, "Location");
    }

    /// Pushes a blob in one piece.
    Digest pushBlob(String name, byte[] content) throws IOException, InterruptedException {
        Digest digest = Digest.of(content);
        HttpResponse<byte[]> put =
                send("PUT", with(startUpload(name), "digest=" + digest), content);
        if (put.statusCode() != 201) {
            throw new AssertionError("PUT: " + put.statusCode() + " " + text(put));
        }
        return digest;
    }

    HttpResponse<byte[]> putManifest(String name, String reference, String type, String manifest)
            throws IOException, InterruptedException {
        return send(
                "PUT",
                "/v2/" + name + "/manifests/" + reference,
                manifest.getBytes(UTF_8),
                "Content-Type",
                type);
    }

    /// Pushes an image of one layer.
    Digest pushImage(String name, String tag, String layer)
            throws IOException, InterruptedException {
        Digest config = pushBlob(name, ("{\"of\":\"" + layer + "\"}").getBytes(UTF_8));
        Digest blob = pushBlob(name, layer.getBytes(UTF_8));
        String manifest = manifest(config, blob, "");
        HttpResponse<byte[]> put = putManifest(name, tag, OCI_MANIFEST, manifest);
        if (put.statusCode() != 201) {
            throw new AssertionError("PUT: " + put.statusCode() + " " + text(put));
        }
        return Digest.of(manifest.getBytes(UTF_8));
    }

    /// @param more members, beginning with a comma
    static String manifest(Digest config, Digest layer, String more) {
        return ("{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":"
                        + "\"application/vnd.oci.image.config.v1+json\",\"digest\":\"%s\",\"size\":2},"
                        + "\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\","
                        + "\"digest\":\"%s\",\"size\":3}]%s}")
                .formatted(OCI_MANIFEST, config, layer, more);
    }

    /// Is not there any more.
    void stop() {
        server.close();
    }

    @Override
    public void close() {
        stop();
        client.close();
    }
}
