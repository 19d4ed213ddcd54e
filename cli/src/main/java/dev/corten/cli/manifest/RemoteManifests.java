package dev.corten.cli.manifest;

import dev.corten.cli.command.Invocation;
import dev.corten.cli.credential.Credentials;
import dev.corten.cli.failure.Refusal;
import dev.corten.client.Json;
import dev.corten.client.Request;
import dev.corten.client.Response;
import dev.corten.model.NotFound;
import dev.corten.model.Reference;
import dev.corten.model.image.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;

/// What registries have, asked through the daemon.
public final class RemoteManifests {
    private static final String PATH = "/corten/v1/registry/";

    private final Invocation invocation;
    private final Credentials credentials;

    public RemoteManifests(Invocation invocation) {
        this.invocation = invocation;
        this.credentials = new Credentials(invocation);
    }

    /// A manifest or index.
    @SuppressWarnings("ArrayRecordComponent") // the bytes are what it is
    public record Document(Reference name, String mediaType, String digest, byte[] bytes) {
        public boolean isIndex() {
            return mediaType.equals(MediaTypes.OCI_INDEX)
                    || mediaType.equals(MediaTypes.DOCKER_LIST);
        }

        public Json json() throws IOException {
            return Json.parse(bytes);
        }
    }

    private Request signed(Request request, Reference name) {
        return request.query("name", name.toString())
                .header("X-Registry-Auth", credentials.header(name));
    }

    /// @throws Refusal if there is none
    public Document get(Reference name) throws IOException {
        try (Response answer =
                invocation.api().send(signed(Request.get(PATH + "manifest"), name))) {
            return new Document(
                    name,
                    answer.header("Content-Type"),
                    answer.header("Docker-Content-Digest"),
                    answer.bytes());
        } catch (NotFound e) {
            throw new Refusal("no such manifest: " + name);
        }
    }

    /// An image as a list keeps it.
    ///
    /// @throws Refusal if it is a list itself
    Json image(Reference name) throws IOException {
        Document document = get(name);
        if (document.isIndex()) {
            throw new Refusal(name + " is a manifest list");
        }
        return image(document);
    }

    private Json image(Document document) throws IOException {
        Json manifest = document.json();
        String config = manifest.get("config").get("digest").text("");
        Json platform;
        try (Response answer =
                invocation
                        .api()
                        .send(
                                signed(
                                        Request.get(PATH + "blob"),
                                        Reference.parse(
                                                document.name.repository() + "@" + config)))) {
            platform = platform(answer.json());
        }
        var descriptor = new LinkedHashMap<String, Json>();
        descriptor.put("mediaType", Json.string(document.mediaType));
        descriptor.put("digest", Json.string(document.digest));
        descriptor.put("size", Json.number(document.bytes.length));
        descriptor.put("platform", platform);
        var image = new LinkedHashMap<String, Json>();
        image.put("Ref", Json.string(document.name.toString()));
        image.put("Descriptor", Json.object(descriptor));
        image.put("Raw", Json.string(Base64.getEncoder().encodeToString(document.bytes)));
        boolean oci = document.mediaType.equals(MediaTypes.OCI_MANIFEST);
        image.put(oci ? "OCIManifest" : "SchemaV2Manifest", manifest);
        return Json.object(image);
    }

    /// What a configuration says of its platform, in the order of a descriptor.
    private static Json platform(Json config) {
        var platform = new LinkedHashMap<String, Json>();
        for (String name :
                new String[] {"architecture", "os", "os.version", "os.features", "variant"}) {
            if (!config.get(name).isNothing()) {
                platform.put(name, config.get(name));
            }
        }
        return Json.object(platform);
    }

    /// The images of an index, each as a list keeps it.
    List<Json> images(Document index) throws IOException {
        var images = new ArrayList<Json>();
        for (Json member : index.json().get("manifests").items()) {
            String digest = member.get("digest").text("");
            Document document = get(Reference.parse(index.name.repository() + "@" + digest));
            Json found = image(document);
            var image = new LinkedHashMap<>(found.members());
            image.put("Ref", Json.string(index.name + "@" + digest));
            var descriptor = new LinkedHashMap<>(found.get("Descriptor").members());
            if (!member.get("platform").isNothing()) {
                descriptor.put("platform", member.get("platform"));
            }
            image.put("Descriptor", Json.object(descriptor));
            images.add(Json.object(image));
        }
        return images;
    }

    /// @return the digest that the registry has it under
    String put(Reference name, String mediaType, byte[] bytes) throws IOException {
        Request request =
                signed(Request.put(PATH + "manifest"), name).stream(
                        mediaType, new ByteArrayInputStream(bytes));
        return invocation.api().json(request).get("Digest").text("");
    }

    /// @return whether the target has the blob now
    boolean mount(Reference from, Reference to, String digest) throws IOException {
        Request request =
                signed(Request.post(PATH + "mount"), to)
                        .query("from", from.repository().toString())
                        .query("digest", digest);
        return invocation.api().json(request).get("Mounted").isTrue();
    }
}
