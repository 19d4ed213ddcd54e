package dev.corten.systests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The distribution protocol as the simplest of clients speaks it.
final class RegistryApi {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /// All types of manifests that there are.
    private static final String ACCEPTED =
            "application/vnd.docker.distribution.manifest.v2+json,"
                    + "application/vnd.docker.distribution.manifest.list.v2+json,"
                    + "application/vnd.oci.image.manifest.v1+json,"
                    + "application/vnd.oci.image.index.v1+json";

    private final String base;

    /// @param base such as `http://127.0.0.1:5000`
    RegistryApi(String base) {
        this.base = base;
    }

    record Answer(int status, HttpResponse<byte[]> response) {
        String text() {
            return new String(response.body(), UTF_8);
        }

        byte[] body() {
            return response.body();
        }

        JsonNode json() {
            return JsonMapper.shared().readTree(response.body());
        }

        /// Of the first error.
        String code() {
            return json().path("errors").path(0).path("code").asString();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        Answer ok() {
            if (status >= 400) {
                throw new AssertionError("it failed: " + this);
            }
            return this;
        }

        @Override
        public String toString() {
            return response.request().method()
                    + " "
                    + response.uri()
                    + " -> "
                    + status
                    + " "
                    + response.headers().map()
                    + "\n"
                    + text();
        }
    }

    /// @param headers names and values in turn
    Answer call(String method, String path, byte[] body, String... headers) {
        URI uri = path.startsWith("http") ? URI.create(path) : URI.create(base + path);
        var request =
                HttpRequest.newBuilder(uri)
                        .method(
                                method,
                                body.length == 0
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<byte[]> response = HTTP.send(request.build(), BodyHandlers.ofByteArray());
            return new Answer(response.statusCode(), response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    Answer get(String path, String... headers) {
        return call("GET", path, new byte[0], headers);
    }

    /// Pushes a blob in one piece.
    ///
    /// @return its digest
    String pushBlob(String repository, byte[] content) {
        String digest = "sha256:" + Image.sha256(content);
        if (call("HEAD", "/v2/" + repository + "/blobs/" + digest, new byte[0]).status() == 200) {
            return digest;
        }
        String location = startUpload(repository);
        String separator = location.contains("?") ? "&" : "?";
        call(
                        "PUT",
                        location + separator + "digest=" + digest,
                        content,
                        "Content-Type",
                        "application/octet-stream")
                .ok();
        return digest;
    }

    /// @return where its bytes go
    String startUpload(String repository) {
        String location =
                call("POST", "/v2/" + repository + "/blobs/uploads/", new byte[0])
                        .ok()
                        .header("Location");
        return location.startsWith("http") ? location : base + location;
    }

    /// @param reference tag or digest
    /// @return its digest
    String pushManifest(String repository, String reference, String type, String json) {
        Answer answer =
                call(
                        "PUT",
                        "/v2/" + repository + "/manifests/" + reference,
                        json.getBytes(UTF_8),
                        "Content-Type",
                        type);
        return answer.ok().header("Docker-Content-Digest");
    }

    Answer manifest(String repository, String reference) {
        return get("/v2/" + repository + "/manifests/" + reference, "Accept", ACCEPTED);
    }

    /// By which a tag is known.
    String digest(String repository, String tag) {
        return manifest(repository, tag).ok().header("Docker-Content-Digest");
    }

    Answer blob(String repository, String digest) {
        return get("/v2/" + repository + "/blobs/" + digest);
    }

    List<String> tags(String repository) {
        JsonNode tags = get("/v2/" + repository + "/tags/list").ok().json().path("tags");
        return StreamSupport.stream(tags.spliterator(), false).map(JsonNode::asString).toList();
    }
}
